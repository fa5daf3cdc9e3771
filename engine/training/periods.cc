#include "engine/training/periods.h"

#include <algorithm>
#include <map>

#include "engine/features/fold.h"

namespace shortlist::training {

using eval::Part;

Result<Periods> Periods::create(const data::Dataset& data, std::span<const std::uint8_t> relevant, const eval::SplitConfig& config) {
    if (config.by == eval::SplitBy::Time && data.time_form != data::TimeForm::Column) {
        return base::failed_precondition("split: by time needs events with times (data.events.columns.time); use leave_one_out, given or random");
    }
    std::vector<std::uint8_t> given(data.events.size(), 0);
    if (config.by == eval::SplitBy::Given) {
        if (!data.given_test_begin) return base::failed_precondition("split: by given needs data.test_events, and the project names none");
        for (std::size_t i = *data.given_test_begin; i < data.imported_events; ++i) given[i] = 1;
    }
    SHORTLIST_ASSIGN(auto split, eval::make_split({data.events, relevant, given}, config));
    Periods periods;
    periods.by_time_ = split.bounds.has_value();
    periods.window_ = config.test.us;
    periods.parts_ = std::move(split.parts);
    return periods;
}

std::size_t Periods::count(Part part) const { return static_cast<std::size_t>(std::count(parts_.begin(), parts_.end(), part)); }

std::vector<std::uint8_t> Periods::before(Part part) const {
    std::vector<std::uint8_t> known(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) known[i] = parts_[i] < part ? 1 : 0;
    return known;
}

std::vector<std::uint8_t> Periods::happens(Part part) const { return by_time_ ? std::vector<std::uint8_t>{} : before(part); }

std::pair<std::size_t, std::size_t> Periods::range(Part part) const {
    const auto begin = std::find(parts_.begin(), parts_.end(), part);
    const auto end = std::find_if(begin, parts_.end(), [part](Part other) { return other > part; });
    return {static_cast<std::size_t>(begin - parts_.begin()), static_cast<std::size_t>(end - parts_.begin())};
}

std::vector<Visit> Periods::visits(const data::EventTable& events, std::span<const data::SignalMask> masks, std::span<const std::uint8_t> grades,
                                   Part part) const {
    if (by_time_) {
        const auto [begin, end] = range(part);
        return collect_visits({events, masks, begin, end}, grades, window_);
    }
    const TimeUs after = events.size() == 0 ? 0 : *std::max_element(events.time.begin(), events.time.end()) + features::kTickUs;
    std::map<UserRow, Visit> by_user;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (parts_[i] != part) continue;
        const std::uint8_t grade = grade_of(grades, masks[i]);
        if (grade == 0) continue;
        Visit& visit = by_user[events.user[i]];
        visit.offset = events.size();
        visit.user = events.user[i];
        visit.time = after;
        visit.choices.push_back({events.item[i], grade});
    }
    std::vector<Visit> visits;
    for (auto& [user, visit] : by_user) {
        keep_best_grades(visit.choices);
        visits.push_back(std::move(visit));
    }
    return visits;
}

}  // namespace shortlist::training
