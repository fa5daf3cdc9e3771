/// Brings the events of a stream's partitions into an order that does not hang on which partition happened to be faster.
///
/// Shared state changes at ticks (docs/decisions/0007-shared-state-at-ticks.md), so what matters is between which ticks an event stands in the
/// log. That must follow from the partitions' own contents alone:
///     watermark of a partition    the greatest time of its events so far, less `lateness`
///     minute of an event          that of its time, or of its partition's watermark where that is later: its partition's order alone says it
///     a minute is open            once the watermark of every partition has reached it
/// Events of open minutes are due at once, others wait; before the first event of a minute stands a tick. So between two ticks stand the same
/// events, whatever came first, and a partition's own events stand in one order: by minute, then by offset. What a partition sends for a minute that
/// has passed, after the others no longer waited for it, counts where it arrives.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/record.h"
#include "engine/data/stream_position.h"
#include "engine/kafka/consumer.h"

namespace shortlist::kafka {

struct OrderOptions {
    TimeUs tick = kMinuteUs;  ///< Event time between ticks: a minute, above.
    TimeUs lateness = 0;
    double wait_seconds = 5;  ///< The others wait so long for a partition that is at its end, and kStallFactor times as long for any other.
};
/// Six: what cannot be read is rather a broker's trouble than the end.
inline constexpr double kStallFactor = 6;

/// One thread at a time. `now` is monotonic, in seconds.
class EventOrder {
public:
    explicit EventOrder(OrderOptions options) : options_(options) {}

    /// A partition begins where the log stands in it; `timed`: it holds events, so that others wait for it.
    void give(const Partition& partition, const std::optional<data::StreamPosition>& position, bool timed, double now);
    /// Forgets a partition and what of it still waits: whoever gets it next reads that again.
    void take_away(const Partition& partition);

    /// What a message holds; nothing, where it was refused. Partitions that are not given are ignored. Returns how many offsets before it hold no
    /// message. One that was made anew begins at 0 again, and so does its position.
    std::uint64_t add(const Partition& partition, std::int64_t offset, std::vector<data::Record> records, double now);
    void at_end(const Partition& partition, double now);

    struct Due {
        std::vector<data::Record> records;  ///< With ticks between them.
        std::vector<data::StreamPosition> positions;  ///< Of partitions that moved; true once the records are in the log.
    };
    /// Moves out what is due now, at most about `records` of them.
    [[nodiscard]] Due release(std::size_t records, double now);

    /// Events that wait.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }
    /// Shared state may move up to here; nothing: as far as the clock says, as no partition has anything to say.
    [[nodiscard]] std::optional<TimeUs> open_until(double now) const;
    /// Partitions that are not to be read on while so much waits: all that are ahead of those which others wait for.
    [[nodiscard]] std::vector<Partition> ahead(double now) const;
    [[nodiscard]] std::vector<data::StreamPosition> positions() const;

private:
    using Minute = std::int64_t;
    struct Held {
        std::int64_t offset = 0;
        TimeUs newest_before = 0;
        data::Record record;
    };
    struct Source {
        bool timed = false;
        bool ended = false;
        double seen = 0;  // when a message came, or the end was reached
        std::int64_t next = -1;  // behind the last message; -1 before the first, where the log holds nothing
        TimeUs newest = 0;
        bool moved = false;  // since release() last told its position
        std::map<Minute, std::deque<Held>> held;
    };
    [[nodiscard]] Minute minute_of(TimeUs time) const noexcept { return time / options_.tick; }
    [[nodiscard]] Minute watermark(const Source& source) const noexcept { return minute_of(std::max<TimeUs>(0, source.newest - options_.lateness)); }
    [[nodiscard]] bool silent(const Source& source, double now) const noexcept;
    [[nodiscard]] std::optional<Minute> least_watermark(double now) const;
    [[nodiscard]] std::optional<Minute> first_held() const;  ///< The first minute that somebody waits for.
    [[nodiscard]] static data::StreamPosition position_of(const Partition& partition, const Source& source);
    void open(Minute minute, std::size_t records, Due& due);

    OrderOptions options_;
    std::map<Partition, Source> sources_;
    std::size_t held_ = 0;
    Minute open_ = 0;  // the latest minute that is open
};

}  // namespace shortlist::kafka
