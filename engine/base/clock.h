/// Where "now" comes from. Passed in, so that tests and replays decide what time it is.
#pragma once

#include <atomic>

#include "engine/base/ids.h"

namespace shortlist::base {

/// Any thread may call now().
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimeUs now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] TimeUs now() const override;
};

class ManualClock final : public Clock {
public:
    explicit ManualClock(TimeUs start) : now_(start) {}
    [[nodiscard]] TimeUs now() const override { return now_.load(); }
    void set(TimeUs time) { now_.store(time); }
    void advance(TimeUs by) { now_.fetch_add(by); }

private:
    std::atomic<TimeUs> now_;
};

/// Seconds on the monotonic clock, for durations only.
[[nodiscard]] double monotonic_seconds();

}  // namespace shortlist::base
