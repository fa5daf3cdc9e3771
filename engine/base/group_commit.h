/// Lets callers that arrive together share one slow step, such as the sync of a file: while one of them takes it, the others queue, and
/// the next step takes all that queued at once.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace shortlist::base {

/// Any number of threads. Steps happen one after another, jobs in the order in which they came.
template <class Job>
class GroupCommit {
public:
    /// Returns when a step has taken the job. `step` gets jobs of several callers, this one's among them or others' before it; it runs on
    /// the thread of one of these, and must not throw.
    template <class Step>
    void run(Job& job, Step step) {
        Entry mine{&job};
        std::unique_lock lock(mutex_);
        waiting_.push_back(&mine);
        while (true) {
            changed_.wait(lock, [&] { return mine.taken || !stepping_; });
            if (mine.taken) return;
            take_step(lock, step);
        }
    }

private:
    struct Entry {
        Job* job = nullptr;
        bool taken = false;
    };

    template <class Step>
    void take_step(std::unique_lock<std::mutex>& lock, Step& step) {
        stepping_ = true;
        const std::vector<Entry*> entries = std::exchange(waiting_, {});
        lock.unlock();
        std::vector<Job*> jobs;
        for (const Entry* entry : entries) jobs.push_back(entry->job);
        step(std::span<Job* const>(jobs));
        lock.lock();
        for (Entry* entry : entries) entry->taken = true;
        stepping_ = false;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Entry*> waiting_;
    bool stepping_ = false;
};

}  // namespace shortlist::base
