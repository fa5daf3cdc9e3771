#include "engine/kafka/event_order.h"

#include <algorithm>
#include <utility>

namespace shortlist::kafka {

void EventOrder::give(const Partition& partition, const std::optional<data::StreamPosition>& position, bool timed, double now) {
    take_away(partition);
    Source& source = sources_[partition];
    source.timed = timed;
    source.seen = now;
    if (!position) return;
    source.next = position->next;
    source.newest = position->newest;
}

void EventOrder::take_away(const Partition& partition) {
    const auto found = sources_.find(partition);
    if (found == sources_.end()) return;
    for (const auto& [minute, waiting] : found->second.held) held_ -= waiting.size();
    sources_.erase(found);
}

std::uint64_t EventOrder::add(const Partition& partition, std::int64_t offset, std::vector<data::Record> records, double now) {
    const auto found = sources_.find(partition);
    if (found == sources_.end()) return 0;
    Source& source = found->second;
    const auto skipped = source.next < 0 ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(0, offset - source.next));
    const TimeUs newest_before = source.newest;
    for (auto& record : records) {
        Minute minute = 0;
        if (const auto* event = std::get_if<data::Event>(&record)) {
            source.newest = std::max(source.newest, event->time);
            minute = std::max(minute_of(event->time), watermark(source));
        }
        source.held[minute].push_back({offset, newest_before, std::move(record)});
        ++held_;
    }
    source.next = offset + 1;
    source.moved = true;
    source.ended = false;
    source.seen = now;
    return skipped;
}

void EventOrder::at_end(const Partition& partition, double now) {
    const auto found = sources_.find(partition);
    if (found == sources_.end() || found->second.ended) return;
    found->second.ended = true;
    found->second.seen = now;
}

bool EventOrder::silent(const Source& source, double now) const noexcept {
    return now - source.seen > options_.wait_seconds * (source.ended ? 1 : kStallFactor);
}

// Of the partitions that are waited for. One that is behind what is open already is not: its events count where they arrive.
std::optional<EventOrder::Minute> EventOrder::least_watermark(double now) const {
    std::optional<Minute> least;
    for (const auto& [partition, source] : sources_) {
        if (!source.timed || silent(source, now) || watermark(source) < open_) continue;
        least = std::min(least.value_or(watermark(source)), watermark(source));
    }
    return least;
}

std::optional<EventOrder::Minute> EventOrder::first_held() const {
    std::optional<Minute> first;
    for (const auto& [partition, source] : sources_) {
        if (!source.held.empty()) first = std::min(first.value_or(source.held.begin()->first), source.held.begin()->first);
    }
    return first;
}

EventOrder::Due EventOrder::release(std::size_t records, double now) {
    Due due;
    const auto least = least_watermark(now);
    open(open_, records, due);
    while (due.records.size() < records) {
        const auto next = first_held();
        if (!next || (least && *next > *least)) break;
        open(*next, records, due);
    }
    if (due.records.size() < records && least && *least > open_) open(*least, records, due);
    for (auto& [partition, source] : sources_) {
        if (std::exchange(source.moved, false) && source.next >= 0) due.positions.push_back(position_of(partition, source));
    }
    return due;
}

void EventOrder::open(Minute minute, std::size_t records, Due& due) {
    if (minute > open_) {
        open_ = minute;
        due.records.emplace_back(data::Tick{minute * options_.tick});
    }
    for (auto& [partition, source] : sources_) {
        while (!source.held.empty() && source.held.begin()->first <= open_ && due.records.size() < records) {
            auto& waiting = source.held.begin()->second;
            due.records.push_back(std::move(waiting.front().record));
            waiting.pop_front();
            --held_;
            if (waiting.empty()) source.held.erase(source.held.begin());
            source.moved = true;
        }
    }
}

data::StreamPosition EventOrder::position_of(const Partition& partition, const Source& source) {
    data::StreamPosition position{partition.topic, partition.number, source.next, source.newest};
    for (const auto& [minute, waiting] : source.held) {
        if (waiting.front().offset >= position.next) continue;
        position.next = waiting.front().offset;
        position.newest = waiting.front().newest_before;
    }
    return position;
}

std::vector<data::StreamPosition> EventOrder::positions() const {
    std::vector<data::StreamPosition> positions;
    for (const auto& [partition, source] : sources_) {
        if (source.next >= 0) positions.push_back(position_of(partition, source));
    }
    return positions;
}

std::optional<TimeUs> EventOrder::open_until(double now) const {
    const bool all_silent = std::ranges::all_of(sources_, [&](const auto& entry) { return !entry.second.timed || silent(entry.second, now); });
    return all_silent && held_ == 0 ? std::nullopt : std::optional(open_ * options_.tick);
}

std::vector<Partition> EventOrder::ahead(double now) const {
    std::vector<Partition> ahead;
    const auto least = least_watermark(now);
    if (!least) return ahead;
    for (const auto& [partition, source] : sources_) {
        if (source.timed && watermark(source) > *least) ahead.push_back(partition);
    }
    return ahead;
}

}  // namespace shortlist::kafka
