/// A fixed set of threads, passed in by whoever starts the process.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace shortlist::base {

/// Runs loops over index ranges on all its threads, the caller's among them. Any thread may call; one loop runs at a time.
class ThreadPool {
public:
    /// threads: 0 takes the hardware's count. 1 runs everything on the caller.
    explicit ThreadPool(std::size_t threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    [[nodiscard]] std::size_t size() const noexcept;

    /// Calls body(begin, end, worker) for consecutive ranges of at most `grain` indices that cover [0, count), each once,
    /// in any order; worker is in [0, size()). Returns when all are done. The ranges do not depend on the thread count, so
    /// a body that writes only to its own range gives the same bytes with any number of threads. A body must not throw.
    void parallel_for(std::size_t count, std::size_t grain, const std::function<void(std::size_t begin, std::size_t end, std::size_t worker)>& body);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::base

namespace shortlist {
using base::ThreadPool;
}  // namespace shortlist
