/// Lets jobs that arrive together share one slow step, such as the sync of a file: while a step is taken, others queue, and the next one
/// takes all that queued at once.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace shortlist::base {

/// Any number of threads may submit. Steps happen on a thread of its own, one after another, jobs in the order in which they came.
template <class Job>
class GroupCommit {
public:
    /// `step` gets all jobs that wait; it must not throw.
    using Step = std::function<void(std::vector<Job>& jobs)>;
    explicit GroupCommit(Step step) : step_(std::move(step)), thread_([this] { take_steps(); }) {}
    /// Takes the jobs that still wait.
    ~GroupCommit() {
        {
            const std::lock_guard lock(mutex_);
            closing_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    /// Waits for nothing; the job itself says what is to happen once it was taken.
    void submit(Job job) {
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(job));
        }
        changed_.notify_one();
    }

private:
    void take_steps() {
        std::vector<Job> jobs;
        while (true) {
            jobs.clear();
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
                if (waiting_.empty()) return;
                jobs.swap(waiting_);
            }
            step_(jobs);
        }
    }

    const Step step_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Job> waiting_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace shortlist::base
