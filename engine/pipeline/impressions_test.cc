#include "engine/pipeline/impressions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <string>

namespace shortlist::pipeline {
namespace {

data::ServedList list_of(std::size_t request) {
    data::ServedList list;
    list.request.request_id = std::to_string(request);
    return list;
}

std::string id_of(const data::Record& record) { return std::get<data::ServedList>(record).request.request_id; }

void ignore(const Error&) {}

TEST(IsSampled, is_the_same_for_the_same_id_and_as_often_as_asked) {
    std::size_t sampled = 0;
    constexpr std::size_t kIds = 20'000;
    for (std::size_t i = 0; i < kIds; ++i) {
        const auto id = "request " + std::to_string(i);
        sampled += is_sampled(id, 0.1) ? 1 : 0;
        EXPECT_EQ(is_sampled(id, 0.1), is_sampled(id, 0.1));
        EXPECT_TRUE(!is_sampled(id, 0.1) || is_sampled(id, 0.2)) << "a greater share has the smaller one in it";
        EXPECT_FALSE(is_sampled(id, 0));
        EXPECT_TRUE(is_sampled(id, 1));
    }
    // Binomial: mean 2,000, standard deviation 42; five of them.
    EXPECT_NEAR(static_cast<double>(sampled), 2000, 212);
}

TEST(ImpressionQueue, writes_what_was_offered_in_order_and_all_of_it_before_its_end) {
    std::vector<std::string> written;
    constexpr std::size_t kLists = 3 * ImpressionQueue::kBatch + 7;
    {
        ImpressionQueue queue(
            kLists,
            [&](std::vector<data::Record> lists) {
                EXPECT_LE(lists.size(), ImpressionQueue::kBatch);
                for (const auto& list : lists) written.push_back(id_of(list));
                return Status();
            },
            ignore);
        for (std::size_t i = 0; i < kLists; ++i) EXPECT_TRUE(queue.offer(list_of(i)));
    }
    ASSERT_EQ(written.size(), kLists);
    for (std::size_t i = 0; i < kLists; ++i) EXPECT_EQ(written[i], std::to_string(i));
}

// The writer stands still with the first list in its hands, which counts as waiting.
TEST(ImpressionQueue, takes_no_more_than_it_may_and_counts_what_it_does_not_take) {
    std::latch held(1);
    std::latch released(1);
    bool first = true;
    {
        ImpressionQueue queue(
            3,
            [&](const std::vector<data::Record>&) {
                if (std::exchange(first, false)) {
                    held.count_down();
                    released.wait();
                }
                return Status();
            },
            ignore);
        EXPECT_TRUE(queue.offer(list_of(0)));
        held.wait();
        EXPECT_TRUE(queue.offer(list_of(1)));
        EXPECT_TRUE(queue.offer(list_of(2)));
        EXPECT_FALSE(queue.offer(list_of(3)));
        EXPECT_EQ(queue.counts().dropped, 1U);
        EXPECT_EQ(queue.counts().logged, 0U);
        released.count_down();
    }
}

TEST(ImpressionQueue, counts_and_tells_what_could_not_be_written) {
    std::latch warned(1);
    ImpressionQueue queue(
        10, [](const std::vector<data::Record>&) -> Status { return base::unavailable("no room on the disk"); },
        [&](const Error& error) {
            EXPECT_EQ(error.message, "no room on the disk");
            warned.count_down();
        });
    EXPECT_TRUE(queue.offer(list_of(0)));
    warned.wait();
    EXPECT_EQ(queue.counts().dropped, 1U);
    EXPECT_EQ(queue.counts().logged, 0U);
}

}  // namespace
}  // namespace shortlist::pipeline
