#include "engine/base/threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace shortlist::base {
namespace {

TEST(ThreadPool, visits_each_index_once_with_any_number_of_threads) {
    for (const std::size_t threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        std::vector<std::atomic<int>> visits(1003);
        pool.parallel_for(visits.size(), 7, [&](std::size_t begin, std::size_t end, std::size_t worker) {
            ASSERT_LT(worker, threads);
            for (std::size_t i = begin; i < end; ++i) ++visits[i];
        });
        for (const auto& count : visits) ASSERT_EQ(count.load(), 1);
    }
}

TEST(ThreadPool, gives_each_thread_a_number_of_its_own) {
    ThreadPool pool(3);
    EXPECT_EQ(pool.size(), 3U);
    std::latch all(3);  // three bodies at once, so that each is another thread's
    std::vector<std::atomic<int>> seen(3);
    pool.parallel_for(3, 1, [&](std::size_t, std::size_t, std::size_t worker) {
        ++seen.at(worker);
        all.arrive_and_wait();
    });
    for (const auto& count : seen) EXPECT_EQ(count.load(), 1);
}

TEST(ThreadPool, takes_all_the_machine_has_where_no_number_is_given) {
    EXPECT_EQ(ThreadPool(0).size(), std::max(1U, std::thread::hardware_concurrency()));
    EXPECT_EQ(ThreadPool(1).size(), 1U);
}

TEST(ThreadPool, hands_out_ranges_of_the_grain_and_the_rest) {
    const auto ranges_of = [](std::size_t threads, std::size_t count, std::size_t grain) {
        ThreadPool pool(threads);
        std::mutex mutex;
        std::set<std::pair<std::size_t, std::size_t>> ranges;
        pool.parallel_for(count, grain, [&](std::size_t begin, std::size_t end, std::size_t) {
            const std::lock_guard lock(mutex);
            EXPECT_TRUE(ranges.insert({begin, end}).second);
        });
        return ranges;
    };
    using Ranges = std::set<std::pair<std::size_t, std::size_t>>;
    for (const std::size_t threads : {1, 2}) {
        EXPECT_EQ(ranges_of(threads, 0, 4), Ranges());
        EXPECT_EQ(ranges_of(threads, 1, 4), (Ranges{{0, 1}}));
        EXPECT_EQ(ranges_of(threads, 4, 4), (Ranges{{0, 4}}));
        EXPECT_EQ(ranges_of(threads, 9, 4), (Ranges{{0, 4}, {4, 8}, {8, 9}}));
    }
}

TEST(ThreadPool, runs_loops_of_two_callers_one_after_the_other) {
    ThreadPool pool(3);
    std::atomic<long> sum{0};
    const auto add = [&] {
        for (int loop = 0; loop < 200; ++loop) {
            pool.parallel_for(10, 1, [&](std::size_t begin, std::size_t, std::size_t) { sum += static_cast<long>(begin); });
        }
    };
    std::thread other(add);
    add();
    other.join();
    EXPECT_EQ(sum.load(), 2L * 200 * 45);
}

}  // namespace
}  // namespace shortlist::base
