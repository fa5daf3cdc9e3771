#include "engine/eval/pooled.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/check.h"
#include "engine/eval/ties_internal.h"

namespace shortlist::eval {

namespace {

constexpr double kNoPart = std::numeric_limits<double>::quiet_NaN();

// The z that a standard normal value lies within, both sides, with this probability: by halving, for erf has no inverse in the library.
double normal_quantile(double level) {
    double low = 0.0;
    double high = 40.0;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (low + high);
        (std::erf(middle / std::sqrt(2.0)) < level ? low : high) = middle;
    }
    return low;
}

// Adds to the user's influence, which begins with their first part.
void add_influence(Pooled& pooled, std::uint32_t user, double change) {
    double& influence = pooled.influence[user];
    influence = std::isnan(influence) ? change : influence + change;
}

}  // namespace

Interval interval_of(const Pooled& pooled, double level) {
    Interval interval{pooled.value, pooled.value, pooled.value, 0};
    double squares = 0.0;
    for (const double influence : pooled.influence) {
        if (std::isnan(influence)) continue;
        squares += influence * influence;
        ++interval.users;
    }
    if (interval.users < 2) return interval;
    const auto users = static_cast<double>(interval.users);
    const double reach = normal_quantile(level) * std::sqrt(squares * users / (users - 1.0));
    interval.low -= reach;
    interval.high += reach;
    return interval;
}

Interval difference_of(const Pooled& a, const Pooled& b, double level) {
    SHORTLIST_CHECK(a.influence.size() == b.influence.size(), a.influence.size(), b.influence.size());
    Pooled difference{a.value - b.value, a.influence};
    for (std::size_t user = 0; user < b.influence.size(); ++user) difference.influence[user] -= b.influence[user];
    return interval_of(difference, level);
}

std::optional<Pooled> pooled_auc(std::span<const float> scores, const JudgedRows& rows) {
    check_scores(scores, rows.labels);
    std::vector<std::uint32_t> order = indices(scores.size());
    const std::vector<Tie> ties = sort_into_ties(scores, rows.labels, order);
    const auto area = auc_of(ties);
    if (!area) return std::nullopt;
    Pooled pooled{*area, std::vector<double>(rows.user_count, kNoPart)};
    const double positives = ties.back().positives_below + ties.back().positives;
    const double negatives = ties.back().negatives_below + ties.back().negatives;
    for (const Tie& tie : ties) {
        const double beaten = (tie.negatives_below + 0.5 * tie.negatives) / negatives;                    // by a positive of this score
        const double beating = (positives - tie.positives_below - 0.5 * tie.positives) / positives;  // a negative of this score
        for (std::size_t at = tie.begin; at < tie.end; ++at) {
            const std::uint32_t row = order[at];
            add_influence(pooled, rows.users[row], rows.labels[row] != 0 ? (beaten - *area) / positives : (beating - *area) / negatives);
        }
    }
    return pooled;
}

std::optional<Pooled> grouped_auc(std::span<const GroupAuc> users, std::size_t user_count) {
    if (users.empty()) return std::nullopt;
    double all_rows = 0.0;
    Pooled pooled{0.0, std::vector<double>(user_count, kNoPart)};
    for (const GroupAuc& user : users) {
        pooled.value += user.auc * static_cast<double>(user.rows);
        all_rows += static_cast<double>(user.rows);
    }
    pooled.value /= all_rows;
    for (const GroupAuc& user : users) pooled.influence[user.group] = static_cast<double>(user.rows) / all_rows * (user.auc - pooled.value);
    return pooled;
}

Pooled log_loss(std::span<const double> probabilities, const JudgedRows& rows) {
    SHORTLIST_CHECK(probabilities.size() == rows.labels.size() && rows.users.size() == rows.labels.size(), probabilities.size(), rows.labels.size());
    constexpr double kLeast = std::numeric_limits<double>::epsilon();
    Pooled pooled{0.0, std::vector<double>(rows.user_count, kNoPart)};
    std::vector<double> losses;
    for (std::size_t row = 0; row < probabilities.size(); ++row) {
        const double probability = std::clamp(probabilities[row], kLeast, 1.0 - kLeast);
        losses.push_back(-std::log(rows.labels[row] != 0 ? probability : 1.0 - probability));
        pooled.value += losses.back();
    }
    if (losses.empty()) return pooled;
    const auto count = static_cast<double>(losses.size());
    pooled.value /= count;
    for (std::size_t row = 0; row < losses.size(); ++row) add_influence(pooled, rows.users[row], (losses[row] - pooled.value) / count);
    return pooled;
}

Pooled catalogue_coverage(std::span<const ItemRow> served, std::size_t width, std::size_t item_count) {
    Pooled pooled;
    if (item_count == 0 || width == 0) return pooled;
    const std::size_t users = served.size() / width;
    constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();
    constexpr std::uint32_t kSeveral = kNobody - 1;
    std::vector<std::uint32_t> only(item_count, kNobody);  // the one user whom the item was served
    for (std::size_t at = 0; at < served.size(); ++at) {
        if (served[at] == kNoRow) continue;
        std::uint32_t& user = only[served[at]];
        const auto own = static_cast<std::uint32_t>(at / width);
        user = user == kNobody || user == own ? own : kSeveral;
    }
    std::vector<double> alone(users, 0.0);
    double covered = 0.0;
    double by_one = 0.0;
    for (const std::uint32_t user : only) {
        covered += user == kNobody ? 0.0 : 1.0;
        if (user >= kSeveral) continue;
        alone[user] += 1.0;
        by_one += 1.0;
    }
    const auto items = static_cast<double>(item_count);
    const auto count = static_cast<double>(users);
    pooled.value = covered / items;
    for (const double own : alone) pooled.influence.push_back((own - by_one / count) / items * (count - 1.0) / count);
    return pooled;
}

}  // namespace shortlist::eval
