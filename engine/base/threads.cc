#include "engine/base/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/check.h"

namespace shortlist::base {

using Body = std::function<void(std::size_t, std::size_t, std::size_t)>;

struct ThreadPool::State {
    std::vector<std::thread> threads;
    std::mutex one_loop;

    std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable done;
    std::uint64_t generation = 0;
    std::size_t running = 0;
    bool stopping = false;

    const Body* body = nullptr;
    std::size_t count = 0;
    std::size_t grain = 1;
    std::atomic<std::size_t> next{0};

    void work(std::size_t worker) {
        while (true) {
            const std::size_t begin = next.fetch_add(grain);
            if (begin >= count) return;
            (*body)(begin, std::min(begin + grain, count), worker);
        }
    }

    void run(std::size_t worker) {
        std::uint64_t seen = 0;
        std::unique_lock lock(mutex);
        while (true) {
            wake.wait(lock, [&] { return stopping || generation != seen; });
            if (stopping) return;
            seen = generation;
            lock.unlock();
            work(worker);
            lock.lock();
            if (--running == 0) done.notify_one();
        }
    }
};

ThreadPool::ThreadPool(std::size_t threads) : state_(std::make_unique<State>()) {
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t worker = 1; worker < threads; ++worker) {
        state_->threads.emplace_back([state = state_.get(), worker] { state->run(worker); });
    }
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) thread.join();
}

std::size_t ThreadPool::size() const noexcept { return state_->threads.size() + 1; }

void ThreadPool::parallel_for(std::size_t count, std::size_t grain, const Body& body) {
    SHORTLIST_CHECK(grain >= 1);
    if (count == 0) return;
    const std::lock_guard one_loop(state_->one_loop);
    state_->body = &body;
    state_->count = count;
    state_->grain = grain;
    state_->next = 0;
    if (count <= grain || state_->threads.empty()) {
        state_->work(0);
        return;
    }
    {
        const std::lock_guard lock(state_->mutex);
        state_->running = state_->threads.size();
        ++state_->generation;
    }
    state_->wake.notify_all();
    state_->work(0);
    std::unique_lock lock(state_->mutex);
    state_->done.wait(lock, [&] { return state_->running == 0; });
}

}  // namespace shortlist::base
