#include "engine/models/forest_program.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "engine/base/check.h"

namespace shortlist::models {
namespace {

using kernels::ForestNode;
using kernels::kForestCategoriesMax;
using kernels::kForestLeavesMax;
using kernels::kForestNowhere;
using kernels::kForestRows;
using kernels::kForestThresholdsMax;

/// Past as many categories a feature's columns would cost more than walking the trees that ask for it.
constexpr std::size_t kListedMax = 4096;
/// Nodes that a tree may turn into for each of its splits: a split that lists categories takes one for each sixteen.
constexpr std::size_t kNodesPerSplitMax = 16;
/// Rows coded together: few enough for all their features to stay in the first-level cache.
constexpr std::size_t kCodedRows = 64;

void sort_unique(std::vector<float>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::size_t rank_of(const std::vector<float>& ascending, float value) {
    return static_cast<std::size_t>(std::lower_bound(ascending.begin(), ascending.end(), value) - ascending.begin());
}

// Calls use(category) for each category of the set that a float can be, ascending.
template <class Use>
void for_each_category(const Trees& trees, const Trees::CategorySet& set, Use use) {
    for (std::size_t word = 0; word < set.words; ++word) {
        for (std::uint32_t bit = 0; bit < 32; ++bit) {
            if ((trees.category_words[set.begin + word] >> bit & 1U) == 0) continue;
            const auto category = static_cast<std::uint64_t>(word) * 32 + bit;
            const auto value = static_cast<float>(category);
            if (Trees::is_category(value) && static_cast<std::uint64_t>(value) == category) use(value);
        }
    }
}

}  // namespace

// A feature whose nodes list no category still needs a column, of codes that lie in no list.
std::size_t ForestProgram::Listed::columns() const noexcept {
    return std::max<std::size_t>(1, (categories.size() + kForestCategoriesMax - 1) / kForestCategoriesMax);
}

/// Gathers what the nodes compare with, lays out the columns, then writes tree after tree.
class ForestProgram::Compiler {
public:
    Compiler(const Trees& trees, ForestProgram& program) : trees_(trees), program_(program) {}

    void run() {
        for (const auto& tree : trees_.trees) {
            if (tree.leaves <= kForestLeavesMax) gather(tree);
        }
        for (auto& [feature, thresholds] : thresholds_) lay_out_thresholds(feature, thresholds);
        for (auto& [feature, categories] : categories_) lay_out_categories(feature, categories);
        for (const auto& tree : trees_.trees) {
            const std::size_t first = program_.nodes_.size();
            const std::size_t lists = program_.lists_.size();
            if (compile(tree)) continue;
            program_.nodes_.resize(first);
            program_.lists_.resize(lists);
            program_.trees_.emplace_back();
        }
    }

private:
    void gather(const Trees::Tree& tree) {
        for (std::size_t n = tree.first_node; n < tree.first_node + tree.leaves - 1; ++n) {
            const Trees::Node& node = trees_.nodes[n];
            if (node.kind != Trees::Split::Categorical) {
                thresholds_[node.feature].push_back(node.threshold);
                continue;
            }
            auto& categories = categories_[node.feature];
            for_each_category(trees_, trees_.category_sets[node.category_set], [&](float category) { categories.push_back(category); });
        }
    }

    void lay_out_thresholds(std::uint32_t feature, std::vector<float>& thresholds) {
        sort_unique(thresholds);
        first_ranked_[feature] = program_.ranked_.size();
        for (std::size_t begin = 0; begin < thresholds.size(); begin += kForestThresholdsMax) {
            const auto some = std::span(thresholds).subspan(begin, std::min(kForestThresholdsMax, thresholds.size() - begin));
            program_.ranked_.push_back({.feature = feature, .table = kernels::rank_table(some)});
        }
    }

    void lay_out_categories(std::uint32_t feature, std::vector<float>& categories) {
        sort_unique(categories);
        if (categories.size() > kListedMax) return;
        listed_of_[feature] = program_.listed_.size();
        program_.listed_.push_back({feature, categories, static_cast<std::uint32_t>(program_.columns_)});
        program_.columns_ += program_.listed_.back().columns();
    }

    // Writes the nodes from the last to the first, which puts children before their parents. False where it does not pay.
    bool compile(const Trees::Tree& tree) {
        if (tree.leaves > kForestLeavesMax) return false;
        const std::size_t first = program_.nodes_.size();
        const std::size_t splits = tree.leaves - 1;
        std::vector<std::uint16_t> slots(splits);  // of outcomes, by node
        free_slots_.clear();
        next_slot_ = static_cast<std::uint16_t>(kForestLeavesMax);
        for (std::size_t n = splits; n-- > 0;) {
            const Trees::Node& node = trees_.nodes[tree.first_node + n];
            const auto slot_of = [&](std::int32_t child) {
                return child >= 0 ? slots[static_cast<std::size_t>(child) - tree.first_node]
                                  : static_cast<std::uint16_t>(Trees::leaf_of(child) - tree.first_leaf);
            };
            ForestNode out;
            out.left = slot_of(node.left);
            out.right = slot_of(node.right);
            // Not a child's slot: a node that lists categories of many columns reads its left child after it has first written.
            out.out = slots[n] = take_slot();
            if (node.kind != Trees::Split::Categorical) {
                compare(node, out);
            } else if (!look_up(node, out)) {
                return false;
            }
            if (program_.nodes_.size() - first > kNodesPerSplitMax * splits) return false;
            give_back(out.left);
            give_back(out.right);
        }
        program_.outcomes_ = std::max(program_.outcomes_, next_slot_ - kForestLeavesMax);
        program_.trees_.push_back({true, first, program_.nodes_.size() - first, splits == 0 ? std::uint16_t{0} : slots[0]});
        return true;
    }

    void give_back(std::uint16_t slot) {
        if (slot >= kForestLeavesMax) free_slots_.push_back(slot);
    }

    std::uint16_t take_slot() {
        if (free_slots_.empty()) return next_slot_++;
        const std::uint16_t slot = free_slots_.back();
        free_slots_.pop_back();
        return slot;
    }

    void compare(const Trees::Node& node, ForestNode out) {
        const std::size_t rank = rank_of(thresholds_[node.feature], node.threshold);
        Ranked& ranked = program_.ranked_[first_ranked_[node.feature] + rank / kForestThresholdsMax];
        const auto rule = std::ranges::find(kRules, Rule{node.kind, node.missing_goes_left});
        std::uint32_t& column = ranked.columns[static_cast<std::size_t>(rule - kRules.begin())];
        if (column == kNoColumn) column = static_cast<std::uint32_t>(program_.columns_++);
        out.column = column;
        out.threshold = static_cast<std::uint8_t>(rank % kForestThresholdsMax);
        program_.nodes_.push_back(out);
    }

    // One node for each column that holds a category of the set: the first chooses between the children, each later one between the
    // left child and what was chosen before.
    bool look_up(const Trees::Node& node, ForestNode out) {
        const auto found = listed_of_.find(node.feature);
        if (found == listed_of_.end()) return false;
        const Listed& listed = program_.listed_[found->second];
        std::map<std::size_t, std::array<std::uint8_t, kForestCategoriesMax>> lists;
        for_each_category(trees_, trees_.category_sets[node.category_set], [&](float category) {
            const std::size_t rank = rank_of(listed.categories, category);
            lists[rank / kForestCategoriesMax][rank % kForestCategoriesMax] = 255;
        });
        if (lists.empty()) lists[0] = {};
        for (const auto& [column, list] : lists) {
            out.column = listed.first_column + static_cast<std::uint32_t>(column);
            out.list = static_cast<std::uint32_t>(program_.lists_.size() / kForestCategoriesMax);
            program_.lists_.insert(program_.lists_.end(), list.begin(), list.end());
            program_.nodes_.push_back(out);
            out.right = out.out;
        }
        return true;
    }

    const Trees& trees_;
    ForestProgram& program_;
    std::map<std::uint32_t, std::vector<float>> thresholds_, categories_;  // by feature
    std::map<std::uint32_t, std::size_t> first_ranked_, listed_of_;
    std::vector<std::uint16_t> free_slots_;
    std::uint16_t next_slot_ = 0;
};

ForestProgram::ForestProgram(const Trees& trees) { Compiler(trees, *this).run(); }

void ForestProgram::code(const float* rows, std::size_t width, std::size_t count, ForestScratch& scratch) const {
    SHORTLIST_DCHECK(count <= kForestRows, count);
    if (scratch.codes.size() < columns_ * kForestRows) scratch.codes.resize(columns_ * kForestRows);
    if (scratch.slots.size() < kernels::forest_slot_bytes(outcomes_)) {
        scratch.slots.resize(kernels::forest_slot_bytes(outcomes_));
        kernels::fill_leaf_slots(scratch.slots);
    }
    std::array<float, kCodedRows> column;
    for (std::size_t begin = 0; begin < count; begin += kCodedRows) {
        const auto values = std::span(column).first(std::min(kCodedRows, count - begin));
        const auto read = [&](std::uint32_t feature) {
            for (std::size_t r = 0; r < values.size(); ++r) values[r] = rows[(begin + r) * width + feature];
        };
        for (const auto& ranked : ranked_) {
            read(ranked.feature);
            code_ranked(ranked, values, begin, scratch);
        }
        for (const auto& listed : listed_) {
            read(listed.feature);
            code_listed(listed, values, begin, scratch);
        }
    }
}

// A missing value's code lies below all thresholds or past them, whichever way its node sends it.
void ForestProgram::code_ranked(const Ranked& ranked, std::span<const float> values, std::size_t at, ForestScratch& scratch) const noexcept {
    std::array<std::uint8_t, kCodedRows> ranks;
    kernels::rank_values(values, ranked.table, std::span(ranks).first(values.size()));
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
        if (ranked.columns[rule] == kNoColumn) continue;
        const Trees::Split kind = kRules[rule].kind;
        const std::uint8_t missing = kRules[rule].missing_goes_left ? 0 : kForestNowhere;
        std::uint8_t* const codes = scratch.codes.data() + ranked.columns[rule] * kForestRows + at;
        for (std::size_t r = 0; r < values.size(); ++r) codes[r] = Trees::is_missing(kind, values[r]) ? missing : ranks[r];
    }
}

void ForestProgram::code_listed(const Listed& listed, std::span<const float> values, std::size_t at, ForestScratch& scratch) noexcept {
    std::uint8_t* const columns = scratch.codes.data() + listed.first_column * kForestRows + at;
    for (std::size_t column = 0; column < listed.columns(); ++column) std::fill_n(columns + column * kForestRows, values.size(), kForestNowhere);
    for (std::size_t r = 0; r < values.size(); ++r) {
        if (!Trees::is_category(values[r])) continue;
        const float category = std::trunc(values[r]);
        const std::size_t rank = rank_of(listed.categories, category);
        if (rank == listed.categories.size() || listed.categories[rank] != category) continue;
        columns[rank / kForestCategoriesMax * kForestRows + r] = static_cast<std::uint8_t>(rank % kForestCategoriesMax);
    }
}

void ForestProgram::add_tree(std::size_t tree, const Trees& trees, ForestScratch& scratch, std::span<double> scores) const noexcept {
    const Tree& held = trees_[tree];
    const Trees::Tree& source = trees.trees[tree];
    kernels::add_tree({std::span(nodes_).subspan(held.first_node, held.nodes), lists_,
                       std::span(trees.leaf_values).subspan(source.first_leaf, source.leaves), held.root},
                      scratch.codes, scratch.slots, scores);
}

}  // namespace shortlist::models
