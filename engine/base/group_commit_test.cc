#include "engine/base/group_commit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <set>
#include <thread>

namespace shortlist::base {
namespace {

struct Job {
    int number = 0;
    int thread = 0;
    bool taken = false;
};

TEST(GroupCommit, takes_every_job_once_and_a_threads_jobs_in_order) {
    constexpr int kThreads = 8;
    constexpr int kJobs = 300;
    GroupCommit<Job> group;
    std::vector<Job> order;  // only steps write it, and they happen one after another
    std::atomic<int> inside = 0;
    std::size_t largest = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
            for (int number = 0; number < kJobs; ++number) {
                Job job{number, thread};
                group.run(job, [&](std::span<Job* const> jobs) {
                    EXPECT_EQ(inside++, 0) << "two steps at once";
                    largest = std::max(largest, jobs.size());
                    for (Job* taken : jobs) {
                        EXPECT_FALSE(taken->taken);
                        taken->taken = true;
                        order.push_back(*taken);
                    }
                    std::this_thread::sleep_for(std::chrono::microseconds(50));
                    --inside;
                });
                EXPECT_TRUE(job.taken) << "run() returned too early";
            }
        });
    }
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(order.size(), std::size_t{kThreads} * kJobs);
    std::vector<int> next(kThreads, 0);
    for (const auto& job : order) EXPECT_EQ(job.number, next[static_cast<std::size_t>(job.thread)]++);
    EXPECT_GT(largest, 1U) << "nobody shared a step";
    EXPECT_LE(largest, std::size_t{kThreads});
}

TEST(GroupCommit, of_one_caller_takes_a_step_for_each_job) {
    GroupCommit<Job> group;
    std::size_t steps = 0;
    for (int number = 0; number < 3; ++number) {
        Job job{number};
        group.run(job, [&](std::span<Job* const> jobs) {
            EXPECT_EQ(jobs.size(), 1U);
            ++steps;
        });
    }
    EXPECT_EQ(steps, 3U);
}

}  // namespace
}  // namespace shortlist::base
