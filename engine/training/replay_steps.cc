#include "engine/training/replay_steps.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <variant>

#include "engine/base/text.h"
#include "engine/training/log_walk.h"

namespace shortlist::training {

namespace {

using base::invalid_argument;

// What gathering does as it walks.
struct GatherWalker {
    const ReplayLog& log;
    data::Catalogue& changing;
    features::PartitionGatherer& gatherer;
    features::FoldEvents folded;

    void change(std::span<const data::Change> changes) { features::take_changes(changes, changing, gatherer); }
    void point(std::size_t) {}
    void event(std::size_t i) { gatherer.apply(folded[i]); }
};

// Finds when ticks end.
struct TickWalker {
    const ReplayLog& log;
    features::TickClock clock;
    std::vector<TimeUs> ends;

    void change(std::span<const data::Change> changes) {
        for (const auto& change : changes) {
            if (const auto* tick = std::get_if<data::Tick>(&change.record)) advance(tick->time);
        }
    }
    void point(std::size_t) {}
    void event(std::size_t i) { advance(log.data.events.time[i]); }
    void advance(TimeUs time) {
        if (!clock.is_over(time)) return;
        clock.begin(time);
        ends.push_back(clock.end());
    }
};

// Increments of another log would be added at ticks that this one does not have.
Status check_ticks(const ReplayJob& job, const features::TickIncrements& increments) {
    TickWalker walker{job.log, features::TickClock(job.tick), {}};
    walk_log(job.log, {}, /*to_last_point=*/false, walker);
    for (const std::int64_t tick : increments.tick) {
        if (std::ranges::binary_search(walker.ends, tick)) continue;
        return invalid_argument("the increments are of another log: this one has no tick that ends at " + std::to_string(tick));
    }
    return {};
}

template <class Value>
std::vector<Value> repeated(const std::vector<Value>& values, std::span<const std::uint32_t> times) {
    std::vector<Value> out;
    for (std::size_t i = 0; i < values.size(); ++i) out.insert(out.end(), times[i], values[i]);
    return out;
}

void add_impressions(const data::Dataset& data, std::span<const std::size_t> offsets, data::ColumnBatch& batch) {
    std::vector<std::int64_t> times;
    data::StringColumn users;
    data::StringColumn items;
    for (const std::size_t offset : offsets) {
        times.push_back(data.events.time[offset]);
        users.push_back(data.users.ids[data.events.user[offset]]);
        items.push_back(data.items.ids[data.events.item[offset]]);
    }
    batch.columns.push_back({"time", std::move(times), {}, data.time_form == data::TimeForm::Column});
    batch.columns.push_back({"user", std::move(users), {}, false});
    batch.columns.push_back({"item", std::move(items), {}, false});
}

// Values by column. A block of rows at a time, so that it stays in the cache while each column takes its own.
std::vector<std::vector<float>> columns_of(const RankingRows& rows, ThreadPool& pool) {
    constexpr std::size_t kBlock = 256;
    const std::size_t width = rows.feature_count();
    std::vector<std::vector<float>> columns(width);
    pool.parallel_for(width, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t f = begin; f < end; ++f) columns[f].resize(rows.size());
    });
    pool.parallel_for(rows.size(), kBlock, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t f = 0; f < width; ++f) {
            for (std::size_t r = begin; r < end; ++r) columns[f][r] = rows.values[r * width + f];
        }
    });
    return columns;
}

PlacedRows placed_rows(const data::Dataset& data, RowReport report, ThreadPool& pool) {
    PlacedRows out;
    const std::size_t rows = report.rows.size();
    const std::size_t width = report.rows.feature_count();
    auto columns = columns_of(report.rows, pool);  // before its parts are moved away
    out.counts = {rows, report.requests, width, report.chosen, report.chosen_missed};
    out.columns.rows = rows;
    out.columns.columns.push_back({"place", repeated(report.places, report.rows.group_sizes), {}, false});
    out.columns.columns.push_back({"label", std::move(report.rows.labels), {}, false});
    out.columns.columns.push_back({"weight", std::move(report.rows.weights), {}, false});
    if (!report.offsets.empty()) add_impressions(data, report.offsets, out.columns);
    for (std::size_t f = 0; f < width; ++f) out.columns.columns.push_back({report.rows.feature_names[f], std::move(columns[f]), {}, false});
    return out;
}

// Rows [begin, end) of a part, all those of one place.
struct PlaceOfPart {
    std::int64_t place = 0;
    std::size_t part = 0, begin = 0, end = 0;
};

std::vector<PlaceOfPart> places_of(const std::vector<data::ColumnBatch>& parts) {
    std::vector<PlaceOfPart> places;
    for (std::size_t p = 0; p < parts.size(); ++p) {
        const auto& column = std::get<std::vector<std::int64_t>>(parts[p].columns.front().values);
        for (std::size_t row = 0; row < column.size(); ++row) {
            if (row == 0 || column[row] != column[row - 1]) places.push_back({column[row], p, row, row});
            places.back().end = row + 1;
        }
    }
    std::ranges::sort(places, {}, &PlaceOfPart::place);
    return places;
}

Status check_parts(const std::vector<data::ColumnBatch>& parts) {
    if (parts.empty()) return invalid_argument("rows of no partition: there must be one at least");
    for (const auto& part : parts) {
        const auto same = [](const data::Column& a, const data::Column& b) { return a.name == b.name && a.values.index() == b.values.index(); };
        const bool placed = !part.columns.empty() && part.columns.front().name == "place" &&
                            std::holds_alternative<std::vector<std::int64_t>>(part.columns.front().values);
        if (!placed) return invalid_argument("rows of a partition must begin with a column 'place' of whole numbers");
        if (!std::ranges::equal(part.columns, parts.front().columns, same)) return invalid_argument("the partitions' rows have different columns");
    }
    return {};
}

template <class Value>
void append(const std::vector<Value>& from, const PlaceOfPart& rows, std::vector<Value>& to) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(rows.begin), from.begin() + static_cast<std::ptrdiff_t>(rows.end));
}
void append(const data::StringColumn& from, const PlaceOfPart& rows, data::StringColumn& to) {
    for (std::size_t row = rows.begin; row < rows.end; ++row) to.push_back(from[row]);
}

// Column c of all parts, in the order of `places`. Of types that no row has, nothing.
data::Column joined(const std::vector<data::ColumnBatch>& parts, std::span<const PlaceOfPart> places, std::size_t c) {
    const data::Column& like = parts.front().columns[c];
    data::Column out{like.name, like.values, {}, like.time_us};
    std::visit(
        [&]<class Values>(Values& values) {
            if constexpr (requires { append(values, places.front(), values); }) {
                values = Values();
                for (const auto& place : places) append(std::get<Values>(parts[place.part].columns[c].values), place, values);
            }
        },
        out.values);
    return out;
}

// Places become numbers of requests.
void number_requests(data::Column& column) {
    column.name = "request";
    auto& numbers = std::get<std::vector<std::int64_t>>(column.values);
    std::int64_t request = -1;
    std::int64_t last = -1;
    for (auto& number : numbers) {
        if (std::exchange(last, number) != number) ++request;
        number = request;
    }
}

}  // namespace

data::ArrowBatch gather_partition(const ReplayJob& job, features::UserPartition users) {
    const auto& data = job.log.data;
    data::Catalogue changing = data.unchanged.value_or(data::Catalogue{});
    features::PartitionGatherer gatherer(job.plan, data.unchanged ? changing.items : data.items, data.unchanged ? changing.users : data.users,
                                         job.tick, users);
    walk_log(job.log, {}, /*to_last_point=*/false, GatherWalker{job.log, changing, gatherer, {job.plan, data.events, job.log.masks}});
    return gatherer.finish();
}

Result<data::ArrowBatch> sum_partitions(std::span<const data::ArrowBatch> increments) {
    std::vector<features::TickIncrements> parts;
    for (const auto& batch : increments) {
        SHORTLIST_ASSIGN(const auto part, features::increments_in(batch));
        parts.push_back(part);
    }
    return features::sum_increments(parts);
}

Result<PlacedRows> replay_whole(const ReplayJob& job, ThreadPool& pool) {
    SHORTLIST_ASSIGN(auto report, job.rows(job.log, pool));
    return placed_rows(job.log.data, std::move(report), pool);
}

Result<PlacedRows> replay_partition(const ReplayJob& job, features::UserPartition users, const data::ArrowBatch& summed, ThreadPool& pool) {
    SHORTLIST_ASSIGN(const auto increments, features::increments_in(summed));
    SHORTLIST_TRY(features::check_increments(increments, job.plan, features::rows_by_table(job.plan, job.log.data.items, job.log.data.users)));
    SHORTLIST_TRY(check_ticks(job, increments));
    ReplayLog log = job.log;
    log.share = {users, &increments};
    SHORTLIST_ASSIGN(auto report, job.rows(log, pool));
    return placed_rows(log.data, std::move(report), pool);
}

Result<data::ColumnBatch> join_rows(std::vector<data::ColumnBatch> parts) {
    SHORTLIST_TRY(check_parts(parts));
    data::ColumnBatch out;
    if (parts.size() == 1) {
        out = std::move(parts.front());
    } else {
        const auto places = places_of(parts);
        for (const auto& part : parts) out.rows += part.rows;
        for (std::size_t c = 0; c < parts.front().columns.size(); ++c) out.columns.push_back(joined(parts, places, c));
    }
    number_requests(out.columns.front());
    return out;
}

}  // namespace shortlist::training
