/// Takes the lists that were served to the log, beside the requests: a request lays its list in a bounded queue and goes on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/data/record.h"

namespace shortlist::pipeline {

struct ImpressionsConfig {
    bool log = true;
    double features = 0.01;
    std::size_t queue = 10'000;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("log", log, base::any<bool>(), "Log every list that recommend and rank serve.");
        v.field("features", features, base::range(0.0, 1.0),
                "Share of these lists, by a hash of the request's id, that are logged with the features of every item, for `shortlist verify`.");
        v.field("queue", queue, base::range(1, 1'000'000), "Lists that may wait to be logged; one more is served with `logged: false`, and counted.");
    }
};

/// Whether the features of this request's list are logged: the same answer for the same id, whoever asks. `share` in [0, 1].
[[nodiscard]] bool is_sampled(std::string_view request_id, double share) noexcept;

/// Any number of threads may offer; a thread of its own writes. Its end writes what still waits.
class ImpressionQueue {
public:
    using Write = std::function<Status(std::vector<data::Record> lists)>;
    using Warn = std::function<void(const Error&)>;
    /// `write` gets the lists in the order in which they were offered, at most kBatch at a time; those that it fails on are lost,
    /// counted as dropped, and `warn` hears of it. Cost: room for twice `most` records from the start on.
    ImpressionQueue(std::size_t most, Write write, Warn warn);
    ~ImpressionQueue();
    ImpressionQueue(const ImpressionQueue&) = delete;
    ImpressionQueue& operator=(const ImpressionQueue&) = delete;

    /// False, and nothing is kept, where `most` lists wait already. Waits for no disk.
    [[nodiscard]] bool offer(data::ServedList list);

    /// Returns when every list that was taken before the call is written, or lost.
    void flush();

    struct Counts {
        std::uint64_t logged = 0;   ///< Lists that were written.
        std::uint64_t dropped = 0;  ///< Lists that were not taken, or that could not be written.
    };
    [[nodiscard]] Counts counts() const noexcept { return {logged_, dropped_}; }

    static constexpr std::size_t kBatch = 256;

private:
    void write_all();

    const std::size_t most_;
    const Write write_;
    const Warn warn_;
    std::mutex mutex_;
    std::condition_variable offered_;
    std::vector<data::Record> waiting_;
    std::size_t in_hand_ = 0;  // taken from there and not written yet: they count as waiting
    std::condition_variable passed_;
    std::uint64_t taken_in_ = 0;  // lists so far,
    std::uint64_t passed_on_ = 0;  // and those of them that wait no longer
    bool closing_ = false;
    std::atomic<std::uint64_t> logged_ = 0;
    std::atomic<std::uint64_t> dropped_ = 0;
    std::thread writer_;
};

}  // namespace shortlist::pipeline
