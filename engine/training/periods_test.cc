#include "engine/training/periods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

using eval::Part;

struct Cut {
    data::Dataset data = small_log();
    data::SignalSet signals = data::SignalSet::create({{"watched", {"watch", {}, 1}}}).value();
    std::vector<data::SignalMask> masks = features::fold_masks(data.events, signals);
    std::vector<std::uint8_t> grades = grades_of(signals);

    [[nodiscard]] Result<Periods> periods(const eval::SplitConfig& config) const {
        return Periods::create(data, relevance_of(grades, masks), config);
    }
    [[nodiscard]] std::vector<Visit> visits(const Periods& periods, Part part) const { return periods.visits(data.events, masks, grades, part); }
};

TEST(Periods, by_time_follow_one_another_and_cover_the_log) {
    const Cut cut;
    const auto periods = cut.periods({}).value();
    ASSERT_TRUE(periods.by_time());
    std::size_t end = 0;
    for (const Part part : {Part::Fit, Part::Rank, Part::Validation, Part::Test}) {
        const auto [first, second] = periods.range(part);
        EXPECT_EQ(first, end);
        EXPECT_EQ(second - first, periods.count(part));
        EXPECT_GT(second, first);
        const auto known = periods.before(part);
        EXPECT_EQ(std::accumulate(known.begin(), known.end(), std::size_t{0}), first);
        end = second;
    }
    EXPECT_EQ(end, cut.data.events.size());
    EXPECT_TRUE(periods.happens(Part::Test).empty());
}

TEST(Periods, by_time_judge_only_what_lies_in_the_part) {
    const Cut cut;
    const auto periods = cut.periods({}).value();
    const auto [begin, end] = periods.range(Part::Test);
    const auto visits = cut.visits(periods, Part::Test);
    ASSERT_FALSE(visits.empty());
    for (const auto& visit : visits) {
        EXPECT_GE(visit.offset, begin);
        EXPECT_LT(visit.offset, end);
        EXPECT_EQ(visit.time, cut.data.events.time[visit.offset]);
        EXPECT_EQ(visit.user, cut.data.events.user[visit.offset]);
    }
}

TEST(Periods, that_interleave_judge_each_user_once_behind_the_whole_log) {
    const Cut cut;
    eval::SplitConfig config;
    config.by = eval::SplitBy::LeaveOneOut;
    const auto periods = cut.periods(config).value();
    EXPECT_FALSE(periods.by_time());
    const auto visits = cut.visits(periods, Part::Test);
    ASSERT_FALSE(visits.empty());
    const auto happens = periods.happens(Part::Test);
    ASSERT_EQ(happens.size(), cut.data.events.size());
    UserRow last = kNoRow;
    for (const auto& visit : visits) {
        EXPECT_NE(visit.user, last);
        last = visit.user;
        EXPECT_EQ(visit.offset, cut.data.events.size());
        EXPECT_GT(visit.time, cut.data.events.time.back());
        // The one left out is the user's last watch, and it does not happen in the replay.
        std::size_t left_out = 0;
        for (std::size_t i = 0; i < cut.data.events.size(); ++i) {
            if (cut.data.events.user[i] == visit.user && (cut.masks[i] & 1U) != 0) left_out = i;
        }
        ASSERT_EQ(visit.choices.size(), 1U);
        EXPECT_EQ(visit.choices[0].item, cut.data.events.item[left_out]);
        EXPECT_EQ(happens[left_out], 0);
    }
}

TEST(Periods, say_what_the_data_lack) {
    Cut cut;
    eval::SplitConfig config;
    config.by = eval::SplitBy::Given;
    ASSERT_FALSE(cut.periods(config));
    EXPECT_THAT(cut.periods(config).error().message, testing::HasSubstr("data.test_events"));
    cut.data.time_form = data::TimeForm::Order;
    ASSERT_FALSE(cut.periods({}));
    EXPECT_THAT(cut.periods({}).error().message, testing::HasSubstr("data.events.columns.time"));
}

}  // namespace
}  // namespace shortlist::training
