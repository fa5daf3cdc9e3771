#include "engine/training/held_out.h"

#include <algorithm>

#include "engine/base/config_writer.h"
#include "engine/base/text.h"

namespace shortlist::training {

namespace {

using eval::Part;
using eval::SplitBy;

std::string how_to_hold_out_more(const eval::SplitConfig& split) {
    switch (split.by) {
        case SplitBy::Time: return "hold out more with a split.test longer than " + base::format_duration(split.test.us);
        case SplitBy::Random: return "hold out more with a split.test_share above " + base::format_number(split.test_share);
        case SplitBy::Given: return "name more events in data.test_events";
        case SplitBy::LeaveOneOut: return "more users with two or more relevant events are needed";
    }
    return "";
}

void warn_of_few(const Periods& periods, std::span<const std::uint8_t> relevant, std::size_t users, const eval::SplitConfig& split,
                 std::vector<std::string>& warnings) {
    std::size_t all = 0;
    std::size_t judged = 0;
    for (std::size_t i = 0; i < relevant.size(); ++i) {
        all += relevant[i];
        judged += periods.parts()[i] == Part::Test ? relevant[i] : 0;
    }
    const double share = all == 0 ? 0.0 : static_cast<double>(judged) / static_cast<double>(all);
    const bool splinter = share < kTestShareMin && users < kJudgedUsersEnough;
    if (users >= kJudgedUsersMin && !splinter) return;
    warnings.push_back("the test part is small, so that its figures say little: users who are judged: " + base::format_count(users) +
                       ", relevant events: " + base::format_count(judged) + " of " + base::format_count(all) + "; " + how_to_hold_out_more(split));
}

void warn_of_gap(const data::EventTable& events, const Periods& periods, const eval::SplitConfig& split, std::vector<std::string>& warnings) {
    const auto begin = periods.range(Part::Test).first;
    const TimeUs last_before = *std::max_element(events.time.begin(), events.time.begin() + static_cast<std::ptrdiff_t>(begin));
    const TimeUs first = events.time[begin];
    if (first - last_before <= split.test.us) return;
    warnings.push_back("the test part begins at " + base::format_time(first) + ", and the last event before it is of " +
                       base::format_time(last_before) + ": the gap is longer than split.test, " + base::format_duration(split.test.us) +
                       ", so that what is judged did not follow what was learned from; import what is missing, make split.test longer than the gap, "
                       "or split by leave_one_out");
}

}  // namespace

std::vector<std::string> held_out_warnings(const data::EventTable& events, const Periods& periods, std::span<const std::uint8_t> relevant,
                                           std::size_t users, const eval::SplitConfig& split) {
    std::vector<std::string> warnings;
    if (periods.by_time()) warn_of_gap(events, periods, split, warnings);
    warn_of_few(periods, relevant, users, split, warnings);
    return warnings;
}

}  // namespace shortlist::training
