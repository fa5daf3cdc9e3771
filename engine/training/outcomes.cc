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
        const std::uint64_t request = events_.request[i];
        if (request == 0) return group_of_user(i);
        const std::uint64_t key = base::mix64(request) + events_.user[i];
        if (key == last_key_ && next_ > 0) return last_group_;  // a request's impressions mostly stand side by side
        const auto [at, fresh] = by_request_.try_emplace(key, next_);
        if (fresh) ++next_;
        last_key_ = key;
        last_group_ = at->second;
        return last_group_;
    }
    [[nodiscard]] std::uint32_t size() const noexcept { return next_; }

private:
    struct Recent {
        std::uint32_t group = 0;
        TimeUs time = 0;
    };

    std::uint32_t group_of_user(std::size_t i) {
        const auto [at, fresh] = by_user_.try_emplace(events_.user[i], Recent{next_, events_.time[i]});
        Recent& recent = at->second;
        if (!fresh && events_.time[i] - recent.time > kSameRequestUs) recent.group = next_;
        if (recent.group == next_) ++next_;
        recent.time = events_.time[i];
        return recent.group;
    }

    const data::EventTable& events_;
    std::uint32_t next_ = 0;
    std::uint64_t last_key_ = 0;
    std::uint32_t last_group_ = 0;
    std::unordered_map<std::uint64_t, std::uint32_t> by_request_;
    std::unordered_map<UserRow, Recent> by_user_;
};

// Impressions of the range, in the order of the log, and the group of each.
struct Shown {
    std::vector<Exposure> exposures;
    std::vector<std::uint32_t> groups;
    std::uint32_t group_count = 0;
};

Shown collect_shown(const data::MarkedEvents& log) {
    Shown shown;
    Grouping grouping(log.events);
    for (std::size_t i = log.begin; i < log.end; ++i) {
        if (!is_impression(log.masks[i])) continue;
        shown.exposures.push_back({i, log.events.user[i], log.events.item[i], 0});
        shown.groups.push_back(grouping.group_of(i));
    }
    shown.group_count = grouping.size();
    return shown;
}

// What happened between one user and one item, in the order of the log: sorted by pair, for a sort is faster than a hash table of all pairs.
struct PairEvent {
    std::uint64_t pair = 0;
    std::size_t offset = 0;
    std::size_t exposure = 0;  // of an impression of the range; kNone otherwise
    std::uint8_t grade = 0;    // 0: an impression
};
constexpr std::size_t kNone = ~std::size_t{0};

std::vector<PairEvent> sorted_by_pair(const data::MarkedEvents& log, std::span<const std::uint8_t> grades) {
    std::vector<PairEvent> events;
    std::size_t exposure = 0;
    for (std::size_t i = log.begin; i < log.events.size(); ++i) {
        const std::uint64_t pair = pair_key(log.events.user[i], log.events.item[i]);
        if (is_impression(log.masks[i])) {
            events.push_back({pair, i, i < log.end ? exposure++ : kNone, 0});
        } else if (const std::uint8_t grade = grade_of(grades, log.masks[i]); grade > 0) {
            events.push_back({pair, i, kNone, grade});
        }
    }
    std::ranges::sort(events, [](const PairEvent& a, const PairEvent& b) { return std::tie(a.pair, a.offset) < std::tie(b.pair, b.offset); });
    return events;
}

void find_outcomes(const data::MarkedEvents& log, std::span<const std::uint8_t> grades, std::vector<Exposure>& exposures) {
    std::size_t latest = kNone;  // exposure of the pair's last impression
    std::uint64_t pair = 0;
    for (const PairEvent& event : sorted_by_pair(log, grades)) {
        const bool shown = event.grade == 0;
        if (shown || event.pair != pair) latest = event.exposure;  // an impression behind the range, too, ends what the one before it may claim
        pair = event.pair;
        if (shown || latest == kNone) continue;
        Exposure& exposure = exposures[latest];
        const TimeUs after = log.events.time[event.offset] - log.events.time[exposure.offset];
        if (after <= kOutcomeHorizonUs) exposure.grade = std::max(exposure.grade, event.grade);
    }
}

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
    Shown shown = collect_shown(log);
    find_outcomes(log, grades, shown.exposures);
    // Group by group, each in the order of the log.
    std::vector<std::size_t> next(shown.group_count + std::size_t{1}, 0);
    for (const std::uint32_t group : shown.groups) ++next[group + 1];
    for (std::size_t group = 0; group < shown.group_count; ++group) next[group + 1] += next[group];
    Exposures out;
    out.groups.resize(shown.group_count);
    for (std::size_t group = 0; group < shown.group_count; ++group) out.groups[group] = {0, next[group], next[group + 1]};
    out.exposures.resize(shown.exposures.size());
    for (std::size_t e = 0; e < shown.exposures.size(); ++e) {
        out.groups[shown.groups[e]].user = shown.exposures[e].user;
        out.exposures[next[shown.groups[e]]++] = shown.exposures[e];
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
