#include "engine/training/outcomes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/features/fold.h"
#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

using testing::ElementsAre;

constexpr TimeUs kStart = kSmallLogStart;

// Watches weigh 1, likes 3, skips less than nothing.
struct Log {
    data::Dataset data;
    std::vector<data::SignalMask> masks;
    std::vector<std::uint8_t> grades;

    void add(TimeUs time, std::uint64_t user, std::uint64_t item, const std::string& type, const std::string& request = "") {
        auto event = small_event(kStart + time, user, item, type);
        event.request_id = request;
        data::append_event(event, data);
    }
    void close() {
        const auto signals =
            data::SignalSet::create({{"watched", {"watch", {}, 1}}, {"liked", {"like", {}, 3}}, {"skipped", {"skip", {}, -1}}}).value();
        masks = features::fold_masks(data.events, signals);
        grades = grades_of(signals);
    }
    [[nodiscard]] Exposures exposures(std::size_t begin, std::size_t end) const {
        return collect_exposures({data.events, masks, begin, end}, grades);
    }
    [[nodiscard]] Exposures exposures() const { return exposures(0, data.events.size()); }
    [[nodiscard]] std::vector<Visit> visits(TimeUs window) const {
        return collect_visits({data.events, masks, 0, data.events.size()}, grades, window);
    }
};

std::vector<int> grades_of(const Exposures& exposures) {
    std::vector<int> grades;
    for (const auto& exposure : exposures.exposures) grades.push_back(exposure.grade);
    return grades;
}

std::vector<std::size_t> group_sizes(const Exposures& exposures) {
    std::vector<std::size_t> sizes;
    for (const auto& group : exposures.groups) sizes.push_back(group.end - group.begin);
    return sizes;
}

TEST(Grades, are_rounded_weights_between_0_and_31) {
    const auto signals = data::SignalSet::create({{"a", {"a", {}, 2.6}}, {"b", {"b", {}, -4}}, {"c", {"c", {}, 100}}, {"d", {"d", {}, 0.4}}}).value();
    const auto grades = training::grades_of(signals);
    EXPECT_THAT(grades, ElementsAre(3, 0, 31, 0));
    EXPECT_EQ(grade_of(grades, 0b0011), 3);
    EXPECT_EQ(grade_of(grades, 0b1010), 0);
    EXPECT_THAT(relevance_of(grades, std::vector<data::SignalMask>{0, 1, 2, 4, 8}), ElementsAre(0, 1, 0, 1, 0));
}

TEST(Exposures, take_the_best_outcome_of_their_own_user_and_item) {
    Log log;
    log.add(1, 0, 0, "impression");
    log.add(2, 0, 1, "impression");
    log.add(3, 1, 1, "impression");
    log.add(4, 0, 1, "like");
    log.add(5, 0, 1, "watch");
    log.add(6, 0, 0, "skip");
    log.add(7, 2, 0, "watch");
    log.close();
    EXPECT_THAT(grades_of(log.exposures()), ElementsAre(0, 3, 0));
}

TEST(Exposures, end_when_the_item_is_shown_again_and_after_a_day) {
    Log log;
    log.add(1, 0, 0, "impression");
    log.add(2, 0, 0, "impression");
    log.add(3, 0, 0, "watch");
    log.add(4, 0, 1, "impression");
    log.add(4, 0, 2, "impression");
    log.add(4 + kDayUs, 0, 1, "watch");
    log.add(5 + kDayUs, 0, 2, "watch");
    log.close();
    EXPECT_THAT(grades_of(log.exposures()), ElementsAre(0, 1, 1, 0));
}

// Of three showings the middle one is asked for: its outcome lies behind the end, but not behind the showing that follows.
TEST(Exposures, look_for_outcomes_behind_the_end) {
    Log log;
    log.add(1, 0, 0, "impression");
    log.add(2, 0, 1, "impression");
    log.add(3, 0, 1, "watch");
    log.add(4, 0, 1, "impression");
    log.add(5, 0, 1, "like");
    log.close();
    const auto middle = log.exposures(1, 2);
    ASSERT_EQ(middle.exposures.size(), 1U);
    EXPECT_EQ(middle.exposures[0].offset, 1U);
    EXPECT_EQ(middle.exposures[0].grade, 1);
    const auto before_the_last = log.exposures(1, 3);
    ASSERT_EQ(before_the_last.exposures.size(), 1U);
    EXPECT_EQ(before_the_last.exposures[0].grade, 1);
}

TEST(Exposures, are_grouped_by_request_however_they_interleave) {
    Log log;
    log.add(1, 0, 0, "impression", "a");
    log.add(2, 1, 0, "impression", "b");
    log.add(3, 0, 1, "impression", "a");
    log.add(4, 1, 1, "impression", "b");
    log.add(5, 1, 2, "impression", "b");
    log.close();
    const auto exposures = log.exposures();
    EXPECT_THAT(group_sizes(exposures), ElementsAre(2, 3));
    EXPECT_EQ(exposures.exposures[1].offset, 2U);
    EXPECT_EQ(exposures.groups[1].user, 1U);
}

// Half an hour apart is one request, a microsecond more is another.
TEST(Exposures, without_request_ids_are_grouped_by_user_and_time) {
    Log log;
    log.add(0, 0, 0, "impression");
    log.add(1, 1, 0, "impression");
    log.add(kSameRequestUs, 0, 1, "impression");
    log.add(2 * kSameRequestUs + 1, 0, 2, "impression");
    log.close();
    const auto exposures = log.exposures();
    EXPECT_THAT(group_sizes(exposures), ElementsAre(2, 1, 1));
    EXPECT_EQ(exposures.exposures[1].item, 1U);
}

TEST(Choices, keep_each_item_once_with_its_best_grade) {
    std::vector<Choice> choices{{5, 1}, {2, 1}, {5, 3}, {2, 1}, {5, 2}};
    keep_best_grades(choices);
    ASSERT_EQ(choices.size(), 2U);
    EXPECT_EQ(choices[0].item, 2U);
    EXPECT_EQ(choices[1].item, 5U);
    EXPECT_EQ(choices[1].grade, 3);
}

// User 0 comes in both windows, chooses 0 and 1 in the first and 2 in the second; user 1 comes and chooses nothing.
TEST(Visits, begin_at_the_users_first_event_of_each_window) {
    Log log;
    log.add(0, 0, 3, "impression");
    log.add(1, 0, 1, "watch");
    log.add(2, 1, 1, "skip");
    log.add(3, 0, 0, "watch");
    log.add(4, 0, 0, "like");
    log.add(kDayUs, 0, 3, "skip");
    log.add(kDayUs + 1, 0, 2, "watch");
    log.close();
    const auto daily = log.visits(kDayUs);
    ASSERT_EQ(daily.size(), 2U);
    EXPECT_EQ(daily[0].offset, 0U);
    EXPECT_EQ(daily[0].time, kStart);
    ASSERT_EQ(daily[0].choices.size(), 2U);
    EXPECT_EQ(log.data.items.ids[daily[0].choices[0].item], "i1");
    EXPECT_EQ(daily[0].choices[1].grade, 3);
    EXPECT_EQ(daily[1].offset, 5U);
    const auto once = log.visits(0);
    ASSERT_EQ(once.size(), 1U);
    EXPECT_EQ(once[0].choices.size(), 3U);
}

}  // namespace
}  // namespace shortlist::training
