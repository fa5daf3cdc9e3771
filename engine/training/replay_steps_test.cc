#include "engine/training/replay_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <utility>

#include "engine/training/cut_log.h"
#include "engine/training/impression_rows.h"
#include "engine/training/ranker_features.h"
#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

using testing::HasSubstr;

// The small log with all that a log may hold: countries and devices to cross with, late events, items that change their category, and ticks
// of the clock. What auto derives of it has windows, half-lives, sketches and crosses.
data::Dataset busy_log() {
    data::Dataset data = small_log();
    data.users.attributes.push_back(data::make_attribute("country", data::AttributeType::Category));
    for (UserRow user = 0; user < 40; ++user)
        data.users.attributes[0].codes.push_back(data.users.attributes[0].values.add(user % 3 == 0 ? "de" : "fr"));
    data.events.context_names.emplace_back("device");
    data.events.context_values.emplace_back();
    data.events.context.emplace_back();
    for (const auto* device : {"", "phone", "tablet"}) data.events.context_values[0].add(device);
    for (std::size_t i = 0; i < data.events.size(); ++i) {
        data.events.context[0].push_back(static_cast<std::uint32_t>(i % 3));
        if (i % 9 == 4) data.events.time[i] -= 4 * kMinuteUs;
    }
    add_small_changes(data);
    data::apply_changes(data);
    return data;
}

// A busy log, the models that were trained on it, and the jobs that make rows of it.
struct BusyReplay {
    data::Dataset data = busy_log();
    TrainingConfig config = small_config();
    std::shared_ptr<const pipeline::ServingModels> models;
    std::optional<CutLog> log;
    std::vector<std::uint8_t> happens;
    features::FeaturePlan plan;
    ThreadPool pool{2};

    explicit BusyReplay(eval::SplitBy by = eval::SplitBy::Time) {
        config.split.by = by;
        auto trained = train_models(data, config, pool).value();
        models = pipeline::ServingModels::create(trained.spec, std::move(trained.holdout), data).value();
        log.emplace(CutLog::create(data, models->signals(), config.split).value());
        happens = log->periods.happens(eval::Part::Rank);
        const features::PlanInputs inputs{data.items, data.users, data.events, models->signals(), {}, true};
        LightGbmRankerConfig ranker;
        ranker.rows = RowSource::Impressions;
        plan = features::FeaturePlan::create(ranker_features({}, ranker, inputs), inputs).value();
    }

    [[nodiscard]] ReplayJob ranker_job(RowSource rows, std::size_t rows_max = 300'000) const {
        LightGbmRankerConfig ranker = std::get<LightGbmRankerConfig>(config.ranker);
        ranker.rows = rows;
        ranker.rows_max = rows_max;
        return {{data, log->masks, happens}, models->plan(), models->tick(), [this, ranker](const ReplayLog& replayed, ThreadPool& threads) {
                    return rows_of_part(*log, models, ranker, {eval::Part::Rank, replayed.share}, threads);
                }};
    }
    [[nodiscard]] ReplayJob impression_job() const {
        return {{data, log->masks, {}}, plan, features::kTickUs, [this](const ReplayLog& replayed, ThreadPool&) -> Result<RowReport> {
                    return impression_rows(replayed, plan, features::kTickUs,
                                           collect_exposures({data.events, log->masks, 0, data.events.size()}, log->grades));
                }};
    }
};

// Bits of a column, so that NaN equals NaN.
std::vector<std::uint64_t> bits_of(const data::Column& column) {
    std::vector<std::uint64_t> bits;
    if (const auto* reals = std::get_if<std::vector<float>>(&column.values)) {
        for (const float value : *reals) bits.push_back(std::bit_cast<std::uint32_t>(value));
    } else if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
        bits.assign(numbers->begin(), numbers->end());
    } else {
        const auto& texts = std::get<data::StringColumn>(column.values);
        bits.assign(texts.offsets.begin(), texts.offsets.end());
        bits.insert(bits.end(), texts.bytes.begin(), texts.bytes.end());
    }
    return bits;
}

void expect_equal(const data::ColumnBatch& found, const data::ColumnBatch& wanted) {
    ASSERT_EQ(found.rows, wanted.rows);
    ASSERT_EQ(found.columns.size(), wanted.columns.size());
    for (std::size_t c = 0; c < found.columns.size(); ++c) {
        EXPECT_EQ(found.columns[c].name, wanted.columns[c].name);
        EXPECT_EQ(found.columns[c].time_us, wanted.columns[c].time_us);
        EXPECT_TRUE(bits_of(found.columns[c]) == bits_of(wanted.columns[c])) << found.columns[c].name;
    }
}

struct Joined {
    RowCounts counts;
    data::ColumnBatch rows;
};

Joined whole(const ReplayJob& job) {
    ThreadPool pool(2);
    auto placed = replay_whole(job, pool).value();
    std::vector<data::ColumnBatch> parts;
    parts.push_back(std::move(placed.columns));
    return {placed.counts, join_rows(std::move(parts)).value()};
}

// All steps, as processes would take them: what passes between them passes as Arrow's structs.
Joined partitioned(const ReplayJob& job, std::uint32_t partitions) {
    std::vector<data::ArrowBatch> increments;
    for (std::uint32_t p = 0; p < partitions; ++p) increments.push_back(gather_partition(job, {p, partitions}));
    const auto summed = sum_partitions(increments).value();
    Joined out;
    std::vector<data::ColumnBatch> parts;
    for (std::uint32_t p = 0; p < partitions; ++p) {
        ThreadPool pool(1 + p % 2);
        auto placed = replay_partition(job, {p, partitions}, summed, pool).value();
        out.counts.rows += placed.counts.rows;
        out.counts.requests += placed.counts.requests;
        out.counts.chosen += placed.counts.chosen;
        out.counts.chosen_missed += placed.counts.chosen_missed;
        parts.push_back(data::from_arrow(data::to_arrow(std::move(placed.columns)).value()).value());
    }
    out.rows = join_rows(std::move(parts)).value();
    return out;
}

void expect_partitions_make_the_same(const ReplayJob& job) {
    const Joined one = whole(job);
    EXPECT_GT(one.rows.rows, 100U);
    for (const std::uint32_t partitions : {1U, 2U, 3U, 7U}) {
        const Joined several = partitioned(job, partitions);
        SCOPED_TRACE(partitions);
        expect_equal(several.rows, one.rows);
        EXPECT_EQ(several.counts.rows, one.counts.rows);
        EXPECT_EQ(several.counts.requests, one.counts.requests);
        EXPECT_EQ(several.counts.chosen, one.counts.chosen);
        EXPECT_EQ(several.counts.chosen_missed, one.counts.chosen_missed);
    }
}

TEST(ReplaySteps, make_the_rows_of_one_replay_of_what_retrievers_propose) {
    const BusyReplay replay;
    expect_partitions_make_the_same(replay.ranker_job(RowSource::Candidates));
    expect_partitions_make_the_same(replay.ranker_job(RowSource::Candidates, /*rows_max=*/400));
}

TEST(ReplaySteps, make_the_rows_of_one_replay_of_what_was_shown) {
    const BusyReplay replay;
    expect_partitions_make_the_same(replay.ranker_job(RowSource::Impressions));
    expect_partitions_make_the_same(replay.ranker_job(RowSource::DailyImpressions, /*rows_max=*/150));
}

TEST(ReplaySteps, make_the_rows_of_one_replay_of_impressions_without_models) {
    const BusyReplay replay;
    expect_partitions_make_the_same(replay.impression_job());
}

// Parts that interleave: only events before the part happen, and moments lie behind the log.
TEST(ReplaySteps, make_the_rows_of_one_replay_of_a_log_that_is_not_cut_by_time) {
    const BusyReplay replay(eval::SplitBy::LeaveOneOut);
    expect_partitions_make_the_same(replay.ranker_job(RowSource::Candidates));
}

TEST(ReplaySteps, are_tested_with_every_kind_of_shared_state) {
    const BusyReplay replay;
    const auto any = [&](const auto& is) { return std::ranges::any_of(replay.plan.tables(), is); };
    EXPECT_TRUE(any([](const features::StateTable& table) { return table.owner.is_paired(); }));
    EXPECT_TRUE(any([](const features::StateTable& table) { return table.owner.is_shared() && table.windows; }));
    EXPECT_TRUE(any([](const features::StateTable& table) { return table.owner.is_shared() && table.fades; }));
    EXPECT_TRUE(any([](const features::StateTable& table) { return table.owner.is_shared() && !table.sketches.empty(); }));
}

// The partner: a partition that reads only what its own users brought about sees other rows.
TEST(ReplaySteps, differ_where_the_increments_of_others_are_missing) {
    const BusyReplay replay;
    const auto job = replay.impression_job();
    std::vector<data::ArrowBatch> own;
    own.push_back(gather_partition(job, {0, 2}));
    std::vector<data::ArrowBatch> all;
    for (std::uint32_t p = 0; p < 2; ++p) all.push_back(gather_partition(job, {p, 2}));
    ThreadPool pool(1);
    const auto honest = replay_partition(job, {0, 2}, sum_partitions(all).value(), pool).value();
    const auto wrong = replay_partition(job, {0, 2}, sum_partitions(own).value(), pool).value();
    ASSERT_EQ(honest.columns.rows, wrong.columns.rows);
    std::size_t different = 0;
    for (std::size_t c = 0; c < honest.columns.columns.size(); ++c) {
        different += bits_of(honest.columns.columns[c]) == bits_of(wrong.columns.columns[c]) ? 0 : 1;
    }
    EXPECT_GT(different, 5U);
}

TEST(ReplaySteps, refuse_increments_of_another_log_or_plan) {
    const BusyReplay replay;
    const auto job = replay.impression_job();
    ThreadPool pool(1);
    auto other = busy_log();
    for (auto& time : other.events.time) time += kDayUs;
    const ReplayJob elsewhere{{other, replay.log->masks, {}}, replay.plan, features::kTickUs, job.rows};
    std::vector<data::ArrowBatch> increments;
    increments.push_back(gather_partition(elsewhere, {}));
    EXPECT_THAT(replay_partition(job, {}, sum_partitions(increments).value(), pool).error().message, HasSubstr("another log"));
    const auto models_job = replay.ranker_job(RowSource::Impressions);
    increments.clear();
    increments.push_back(gather_partition(models_job, {}));
    EXPECT_THAT(replay_partition(job, {}, sum_partitions(increments).value(), pool).error().message, HasSubstr("another plan"));
    EXPECT_THAT(replay_partition(job, {}, data::ArrowBatch(), pool).error().message, HasSubstr("Arrow batch"));
}

TEST(ReplaySteps, join_refuses_what_are_no_rows_of_one_replay) {
    EXPECT_THAT(join_rows({}).error().message, HasSubstr("no partition"));
    data::ColumnBatch a;
    a.columns.push_back({"label", std::vector<float>{}, {}, false});
    EXPECT_THAT(join_rows({a}).error().message, HasSubstr("'place'"));
    a.columns.insert(a.columns.begin(), {"place", std::vector<std::int64_t>{}, {}, false});
    data::ColumnBatch b = a;
    b.columns.pop_back();
    EXPECT_THAT(join_rows({a, b}).error().message, HasSubstr("different columns"));
}

// One impression of item i2 after it was watched once: the count is 1 from the tick on. Shown again a second later, still 1.
TEST(ImpressionRows, are_those_of_a_calculation_by_hand) {
    data::Dataset data;
    data::append_event(small_event(kSmallLogStart, 1, 2, "watch"), data);
    for (const TimeUs time : {30 * kSecondUs, kMinuteUs, kMinuteUs + kSecondUs})
        data::append_event(small_event(kSmallLogStart + time, 7, 2, "impression"), data);
    data::append_event(small_event(kSmallLogStart + kMinuteUs + 2 * kSecondUs, 7, 2, "watch"), data);
    data.events.request = {0, 1, 2, 3, 0};
    const auto signals = data::SignalSet::create({{"watched", {"watch", {}, 1}}}).value();
    features::FeatureConfig count;
    count.of = "item";
    count.signal = "watched";
    features::FeatureConfig own = count;
    own.of = "user";
    own.signal = "impression";
    const auto plan = features::FeaturePlan::create({count, own}, {data.items, data.users, data.events, signals, {}, true}).value();
    const auto masks = features::fold_masks(data.events, signals);
    const auto exposures = collect_exposures({data.events, masks, 0, data.events.size()}, grades_of(signals));
    const auto report = impression_rows({data, masks, {}}, plan, features::kTickUs, exposures);
    EXPECT_THAT(report.rows.values, testing::ElementsAre(0, 0, 1, 1, 1, 2)) << "watches of the item as of the tick; impressions of the user";
    EXPECT_THAT(report.rows.labels, testing::ElementsAre(0, 0, 1));
    EXPECT_THAT(report.rows.weights, testing::Each(1.0F / 3));
    EXPECT_THAT(report.rows.group_sizes, testing::ElementsAre(1, 1, 1));
    EXPECT_THAT(report.offsets, testing::ElementsAre(1, 2, 3));
    EXPECT_EQ(report.chosen, 1U);
}

}  // namespace
}  // namespace shortlist::training
