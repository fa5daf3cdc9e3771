/// A few threads for work that waits on the disk, with a queue that refuses instead of growing.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace shortlist::server {

/// Any thread may post.
class WorkerPool {
public:
    WorkerPool(std::size_t threads, std::size_t queue_limit);
    /// Finishes what is queued.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Queues `task`, which must not throw; false where the queue is full.
    [[nodiscard]] bool post(std::function<void()> task);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::size_t queue_limit_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace shortlist::server
