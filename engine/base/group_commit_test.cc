#include "engine/base/group_commit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <thread>

namespace shortlist::base {
namespace {

struct Job {
    int number = 0;
    int thread = 0;
};

TEST(GroupCommit, takes_every_job_once_and_a_threads_jobs_in_order) {
    constexpr int kThreads = 8;
    constexpr int kJobs = 300;
    std::vector<Job> order;  // only steps write it, and they happen one after another
    {
        GroupCommit<Job> group([&order](std::vector<Job>& jobs) { order.insert(order.end(), jobs.begin(), jobs.end()); });
        std::vector<std::thread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&group, thread] {
                for (int number = 0; number < kJobs; ++number) group.submit({number, thread});
            });
        }
        for (auto& thread : threads) thread.join();
    }
    ASSERT_EQ(order.size(), std::size_t{kThreads} * kJobs) << "its end takes what still waits";
    std::vector<int> next(kThreads, 0);
    for (const auto& job : order) EXPECT_EQ(job.number, next[static_cast<std::size_t>(job.thread)]++);
}

TEST(GroupCommit, takes_all_that_came_during_a_step_with_the_next) {
    std::promise<void> begun, go_on;
    std::vector<std::size_t> steps;
    {
        GroupCommit<Job> group([&](std::vector<Job>& jobs) {
            steps.push_back(jobs.size());
            if (steps.size() > 1) return;
            begun.set_value();
            go_on.get_future().wait();
        });
        group.submit({0, 0});
        begun.get_future().wait();
        for (int number = 1; number < 6; ++number) group.submit({number, 0});
        go_on.set_value();
    }
    EXPECT_EQ(steps, (std::vector<std::size_t>{1, 5}));
}

TEST(GroupCommit, lets_go_of_jobs_when_their_step_was_taken) {
    std::promise<void> gone;
    const auto future = gone.get_future();
    GroupCommit<std::shared_ptr<void>> group([](std::vector<std::shared_ptr<void>>&) {});
    group.submit(std::shared_ptr<void>(nullptr, [&gone](void*) { gone.set_value(); }));
    EXPECT_EQ(future.wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

}  // namespace
}  // namespace shortlist::base
