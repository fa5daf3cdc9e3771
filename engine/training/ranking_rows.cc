#include "engine/training/ranking_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>

#include "engine/base/checked.h"
#include "engine/base/text.h"

namespace shortlist::training {
namespace {

using base::invalid_argument;

Status check_names(const std::vector<std::string>& names) {
    std::set<std::string_view> seen;
    const auto is_unfit = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || std::string_view("\",:[]{}\\").find(c) != std::string_view::npos;
    };
    for (const std::string& name : names) {
        if (name.empty() || std::any_of(name.begin(), name.end(), is_unfit)) {
            return invalid_argument("feature name '" + base::printable(name) + "' is empty or has a space or one of \",:[]{}\\");
        }
        if (!seen.insert(name).second) return invalid_argument("two features are named '" + name + "'");
    }
    return {};
}

Status expect_size(std::string_view what, std::size_t found, std::size_t wanted) {
    if (found == wanted) return {};
    return invalid_argument(std::string(what) + " hold " + std::to_string(found) + " entries, expected are " + std::to_string(wanted));
}

Status check_shapes(const RankingRows& rows) {
    SHORTLIST_ASSIGN(const std::size_t cells, base::checked_multiply(rows.size(), rows.feature_count()));
    SHORTLIST_TRY(expect_size("values", rows.values.size(), cells));
    SHORTLIST_TRY(expect_size("categorical flags", rows.categorical.size(), rows.feature_count()));
    if (!rows.weights.empty()) SHORTLIST_TRY(expect_size("weights", rows.weights.size(), rows.size()));
    const auto grouped = std::accumulate(rows.group_sizes.begin(), rows.group_sizes.end(), std::size_t{0});
    return expect_size("the groups together", grouped, rows.size());
}

}  // namespace

Status RankingRows::validate() const {
    SHORTLIST_TRY(check_names(feature_names));
    SHORTLIST_TRY(check_shapes(*this));
    for (std::size_t group = 0; group < group_sizes.size(); ++group) {
        if (group_sizes[group] == 0) return invalid_argument("group " + std::to_string(group) + " has no rows");
    }
    for (std::size_t row = 0; row < labels.size(); ++row) {
        if (!(labels[row] >= 0.0F && labels[row] <= kLabelMax) || labels[row] != std::floor(labels[row])) {
            return invalid_argument("the label of row " + std::to_string(row) + " is not a whole number in 0..31");
        }
    }
    for (std::size_t row = 0; row < weights.size(); ++row) {
        if (!(weights[row] >= 0.0F && std::isfinite(weights[row]))) {
            return invalid_argument("the weight of row " + std::to_string(row) + " is not a finite number >= 0");
        }
    }
    if (!weights.empty() && std::all_of(weights.begin(), weights.end(), [](float weight) { return weight == 0.0F; })) {
        return invalid_argument("all weights are 0");
    }
    return {};
}

std::vector<std::size_t> constant_columns(const RankingRows& rows) {
    const std::size_t width = rows.feature_count();
    std::vector<std::size_t> constant(rows.size() == 0 ? 0 : width);
    std::iota(constant.begin(), constant.end(), std::size_t{0});
    const auto same = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    for (std::size_t row = 1; row < rows.size() && !constant.empty(); ++row) {
        const float* values = rows.values.data() + row * width;
        std::erase_if(constant, [&](std::size_t column) { return !same(values[column], rows.values[column]); });
    }
    return constant;
}

void drop_columns(std::span<const std::size_t> columns, RankingRows& rows) {
    if (columns.empty()) return;
    const std::size_t width = rows.feature_count();
    const auto keep_others = [columns](auto& values, std::size_t per_row) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::ranges::binary_search(columns, i % per_row)) continue;
            if (kept != i) values[kept] = std::move(values[i]);  // a text moved to itself is gone
            ++kept;
        }
        values.resize(kept);
    };
    keep_others(rows.values, width);
    keep_others(rows.feature_names, width);
    keep_others(rows.categorical, width);
}

}  // namespace shortlist::training
