#include "engine/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
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
