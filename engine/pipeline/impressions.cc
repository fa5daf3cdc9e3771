#include "engine/pipeline/impressions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/random.h"

namespace shortlist::pipeline {

bool is_sampled(std::string_view request_id, double share) noexcept {
    // Mixed once more: the hash itself is the code of the request in the table of events. 53 bits fill a double.
    const std::uint64_t bits = base::mix64(data::request_hash(request_id)) >> 11U;
    constexpr double kAll = 0x1p53;
    return static_cast<double>(bits) < share * kAll;
}

ImpressionQueue::ImpressionQueue(std::size_t most, Write write, Warn warn) : most_(most), write_(std::move(write)), warn_(std::move(warn)) {
    waiting_.reserve(most_);
    writer_ = std::thread([this] { write_all(); });
}

ImpressionQueue::~ImpressionQueue() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    offered_.notify_one();
    writer_.join();
}

bool ImpressionQueue::offer(data::ServedList list) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() + in_hand_ >= most_) {
            ++dropped_;
            return false;
        }
        waiting_.emplace_back(std::move(list));
        ++taken_in_;
    }
    offered_.notify_one();
    return true;
}

void ImpressionQueue::flush() {
    std::unique_lock lock(mutex_);
    passed_.wait(lock, [this, until = taken_in_] { return passed_on_ >= until; });
}

void ImpressionQueue::write_all() {
    std::vector<data::Record> taken;
    taken.reserve(most_);
    std::unique_lock lock(mutex_);
    while (true) {
        offered_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        std::swap(taken, waiting_);
        in_hand_ = taken.size();
        for (auto next = taken.begin(); next != taken.end();) {
            lock.unlock();
            const std::size_t count = std::min(kBatch, static_cast<std::size_t>(taken.end() - next));
            const auto end = next + static_cast<std::ptrdiff_t>(count);
            const auto written = write_({std::make_move_iterator(std::exchange(next, end)), std::make_move_iterator(end)});
            (written ? logged_ : dropped_) += count;
            if (!written) warn_(written.error());
            lock.lock();
            in_hand_ -= count;
            passed_on_ += count;
            passed_.notify_all();
        }
        taken.clear();
    }
}

}  // namespace shortlist::pipeline
