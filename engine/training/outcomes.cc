#include "engine/training/outcomes.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "engine/base/random.h"
#include "engine/features/plan.h"

namespace shortlist::training {

namespace {

std::uint64_t pair_key(UserRow user, ItemRow item) { return std::uint64_t{user} << 32 | item; }

bool is_impression(data::SignalMask mask) { return (mask >> features::kImpressionBit & 1U) != 0; }

// The group an impression belongs to: that of its request, or of the user's last impression when that is near enough.
class Grouping {
public:
    explicit Grouping(const data::EventTable& events) : events_(events) {}

    std::uint32_t group_of(std::size_t i) {
        if (events_.request[i] != 0) {
            const auto [at, fresh] = by_request_.try_emplace(base::mix64(events_.request[i]) + events_.user[i], next_);
            if (fresh) ++next_;
            return at->second;
        }
        const auto [at, fresh] = by_user_.try_emplace(events_.user[i], Recent{next_, events_.time[i]});
        Recent& recent = at->second;
        if (!fresh && events_.time[i] - recent.time > kSameRequestUs) recent.group = next_;
        if (recent.group == next_) ++next_;
        recent.time = events_.time[i];
        return recent.group;
    }

private:
    struct Recent {
        std::uint32_t group = 0;
        TimeUs time = 0;
    };

    const data::EventTable& events_;
    std::uint32_t next_ = 0;
    std::unordered_map<std::uint64_t, std::uint32_t> by_request_;
    std::unordered_map<UserRow, Recent> by_user_;
};

// Walks a log: impressions of its range become exposures, and what a user then does with the item makes their grade.
class OutcomeSearch {
public:
    OutcomeSearch(const data::MarkedEvents& log, std::span<const std::uint8_t> grades) : log_(log), grades_(grades), grouping_(log.events) {}

    // Each exposure with its group, in the order of the log.
    std::vector<std::pair<std::uint32_t, Exposure>> run() {
        for (std::size_t i = log_.begin; i < log_.events.size(); ++i) {
            if (is_impression(log_.masks[i])) {
                add_impression(i);
            } else {
                add_outcome(i);
            }
        }
        return std::move(found_);
    }

private:
    // An impression behind the range only ends what the one before it may claim.
    void add_impression(std::size_t i) {
        const UserRow user = log_.events.user[i];
        const ItemRow item = log_.events.item[i];
        if (i >= log_.end) {
            latest_.erase(pair_key(user, item));
            return;
        }
        latest_[pair_key(user, item)] = found_.size();
        found_.emplace_back(grouping_.group_of(i), Exposure{i, user, item, 0});
    }

    void add_outcome(std::size_t i) {
        const std::uint8_t grade = grade_of(grades_, log_.masks[i]);
        if (grade == 0) return;
        const auto shown = latest_.find(pair_key(log_.events.user[i], log_.events.item[i]));
        if (shown == latest_.end()) return;
        Exposure& exposure = found_[shown->second].second;
        if (log_.events.time[i] - log_.events.time[exposure.offset] <= kOutcomeHorizonUs) exposure.grade = std::max(exposure.grade, grade);
    }

    const data::MarkedEvents& log_;
    std::span<const std::uint8_t> grades_;
    Grouping grouping_;
    std::vector<std::pair<std::uint32_t, Exposure>> found_;
    std::unordered_map<std::uint64_t, std::size_t> latest_;  // exposure of each pair that was shown
};

}  // namespace

std::vector<std::uint8_t> grades_of(const data::SignalSet& signals) {
    std::vector<std::uint8_t> grades;
    for (const auto& signal : signals.signals()) grades.push_back(static_cast<std::uint8_t>(std::clamp(std::round(signal.config.weight), 0.0, 31.0)));
    return grades;
}

std::uint8_t grade_of(std::span<const std::uint8_t> grades, data::SignalMask mask) noexcept {
    std::uint8_t best = 0;
    for (std::size_t s = 0; s < grades.size(); ++s) {
        if ((mask >> s & 1U) != 0) best = std::max(best, grades[s]);
    }
    return best;
}

std::vector<std::uint8_t> relevance_of(std::span<const std::uint8_t> grades, std::span<const data::SignalMask> masks) {
    std::vector<std::uint8_t> relevant(masks.size());
    for (std::size_t i = 0; i < masks.size(); ++i) relevant[i] = grade_of(grades, masks[i]) > 0 ? 1 : 0;
    return relevant;
}

Exposures collect_exposures(const data::MarkedEvents& log, std::span<const std::uint8_t> grades) {
    auto found = OutcomeSearch(log, grades).run();
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Exposures out;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (i == 0 || found[i].first != found[i - 1].first) out.groups.push_back({found[i].second.user, i, i});
        out.groups.back().end = i + 1;
        out.exposures.push_back(found[i].second);
    }
    return out;
}

void keep_best_grades(std::vector<Choice>& choices) {
    std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) { return std::tie(a.item, b.grade) < std::tie(b.item, a.grade); });
    choices.erase(std::unique(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) { return a.item == b.item; }), choices.end());
}

std::vector<Visit> collect_visits(const data::MarkedEvents& log, std::span<const std::uint8_t> grades, TimeUs window) {
    const data::EventTable& events = log.events;
    std::vector<Visit> visits;
    if (log.begin == log.end) return visits;
    std::unordered_map<std::uint64_t, std::size_t> open;
    const TimeUs start = events.time[log.begin];
    for (std::size_t i = log.begin; i < log.end; ++i) {
        const auto number = window > 0 ? static_cast<std::uint32_t>((events.time[i] - start) / window) : 0U;
        const auto [at, fresh] = open.try_emplace(pair_key(events.user[i], number), visits.size());
        if (fresh) visits.push_back({i, events.user[i], events.time[i], {}});
        if (const std::uint8_t grade = grade_of(grades, log.masks[i]); grade > 0) visits[at->second].choices.push_back({events.item[i], grade});
    }
    std::erase_if(visits, [](const Visit& visit) { return visit.choices.empty(); });
    for (auto& visit : visits) keep_best_grades(visit.choices);
    return visits;
}

}  // namespace shortlist::training
