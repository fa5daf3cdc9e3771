#include "engine/training/replay.h"

#include <gtest/gtest.h>

#include <bit>

#include "engine/data/catalogue.h"
#include "engine/features/fold.h"
#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

// What one point saw, as bits, so that NaN equals NaN.
struct Seen {
    std::vector<ItemRow> candidates;
    std::vector<std::uint32_t> rows;
    friend bool operator==(const Seen&, const Seen&) = default;
};

Seen look(const pipeline::Request& asked, const features::UserState& user, const pipeline::World& world, const pipeline::Recommender& recommender) {
    pipeline::Request request = asked;
    request.wants_features = true;
    pipeline::Scratch scratch;
    recommender.recommend(request, user, world, scratch);
    Seen seen{scratch.candidates, {}};
    for (const float value : scratch.rows) seen.rows.push_back(std::bit_cast<std::uint32_t>(value));
    return seen;
}

struct Replayed {
    data::Dataset data = small_log();
    std::shared_ptr<const pipeline::ServingModels> models;
    std::vector<data::SignalMask> masks;
    std::vector<ReplayPoint> points;

    Replayed() {
        ThreadPool pool(1);
        auto config = small_config();
        config.ranker = NoRankerConfig{};
        auto trained = train_models(data, config, pool).value();
        models = pipeline::ServingModels::create(trained.spec, std::move(trained.shipped), data).value();
        masks = features::fold_masks(data.events, models->signals());
        // Every 37th event, another user at the same moment, a newcomer's, and the end of the log.
        for (std::size_t i = 0; i < data.events.size(); i += 37) {
            points.push_back({i, data.events.user[i], data.events.time[i]});
            points.push_back({i, (data.events.user[i] + 1) % 40, data.events.time[i]});
        }
        points.push_back({data.events.size(), kNoRow, data.events.time.back() + kHourUs});
    }

    std::vector<Seen> run(std::size_t threads, std::span<const std::uint8_t> happens = {}) const {
        ThreadPool pool(threads);
        std::vector<Seen> seen(points.size());
        const ReplayLog log{data, masks, happens};
        replay(log, models, points, pool,
               [&](const ReplayMoment& moment) { seen[moment.point] = look(moment.request, moment.user, moment.world, moment.recommender); });
        return seen;
    }

    // The same by folding the whole past anew for each point, `ahead` events too far.
    std::vector<Seen> run_slowly(std::span<const std::uint8_t> happens = {}, std::size_t ahead = 0) const {
        std::vector<Seen> seen;
        for (const auto& point : points) {
            features::Fold fold(models->plan(), data.items, data.users);
            features::FoldEvents folded(models->plan(), data.events, masks);
            for (std::size_t i = 0; i < std::min(point.offset + ahead, data.events.size()); ++i) {
                if (happens.empty() || happens[i] != 0) fold.apply(folded[i]);
            }
            fold.advance_to(point.time);
            const pipeline::World world(models, fold.publish_shared(), data.items.size());
            pipeline::Request request;
            request.user = point.user;
            request.time = point.time;
            seen.push_back(look(request, fold.user(point.user), world, {data.items, data.users}));
        }
        return seen;
    }
};

TEST(Replay, sees_what_a_fold_of_the_whole_past_sees) {
    const Replayed replayed;
    EXPECT_EQ(replayed.run(1), replayed.run_slowly());
}

TEST(Replay, gives_the_same_bytes_with_any_number_of_threads) {
    const Replayed replayed;
    EXPECT_EQ(replayed.run(3), replayed.run(1));
}

TEST(Replay, leaves_out_what_does_not_happen) {
    const Replayed replayed;
    std::vector<std::uint8_t> happens(replayed.data.events.size());
    for (std::size_t i = 0; i < happens.size(); ++i) happens[i] = i % 5 == 0 ? 0 : 1;
    const auto seen = replayed.run(2, happens);
    EXPECT_EQ(seen, replayed.run_slowly(happens));
    EXPECT_NE(seen, replayed.run(2));
}

// Items change their category and users theirs of state; ticks come early. What a moment sees is what a fold sees that takes each
// of these at its place.
TEST(Replay, lets_items_change_and_ticks_pass_where_the_log_says_so) {
    Replayed replayed;
    auto& data = replayed.data;
    add_small_changes(data);
    const auto unchanged = replayed.run(2);
    data::apply_changes(data);
    const auto seen = replayed.run(2);
    EXPECT_TRUE(seen == replayed.run(1));
    EXPECT_FALSE(seen == unchanged);
    std::vector<Seen> expected;
    for (const auto& point : replayed.points) {
        data::Catalogue catalogue = *data.unchanged;
        features::Fold fold(replayed.models->plan(), catalogue.items, catalogue.users);
        features::FoldEvents folded(replayed.models->plan(), data.events, replayed.masks);
        std::span<const data::Change> changes = data.changes;
        for (std::size_t i = 0; i <= point.offset; ++i) {
            for (; !changes.empty() && changes.front().before == i; changes = changes.subspan(1)) {
                if (const auto* item = std::get_if<data::ItemUpsert>(&changes.front().record)) data::apply_upsert(*item, catalogue.items);
                if (const auto* tick = std::get_if<data::Tick>(&changes.front().record)) fold.advance_to(tick->time);
            }
            if (i < point.offset) fold.apply(folded[i]);
        }
        fold.advance_to(point.time);
        const pipeline::World world(replayed.models, fold.publish_shared(), catalogue.items.size());
        pipeline::Request request;
        request.user = point.user;
        request.time = point.time;
        expected.push_back(look(request, fold.user(point.user), world, {catalogue.items, catalogue.users}));
    }
    EXPECT_TRUE(seen == expected);
}

// The fault is planted: were the state one event too far, what a moment leads to would show in its own row.
TEST(Replay, differs_from_a_fold_that_is_one_event_ahead) {
    const Replayed replayed;
    const auto honest = replayed.run(1);
    const auto leaking = replayed.run_slowly({}, /*ahead=*/1);
    std::size_t different = 0;
    for (std::size_t p = 0; p + 1 < honest.size(); p += 2) different += honest[p] == leaking[p] ? 0 : 1;
    EXPECT_EQ(different, honest.size() / 2) << "the user's own event must show at every point of its user";
}

// What happens at and behind a moment is turned into something else: the rows of that moment stay, later ones change.
TEST(Replay, lets_no_outcome_reach_a_row_before_it) {
    Replayed replayed;
    const auto before = replayed.run(1);
    const std::size_t middle = replayed.points[replayed.points.size() / 2].offset;
    for (std::size_t i = middle; i < replayed.data.events.size(); ++i) {
        replayed.data.events.item[i] = (replayed.data.events.item[i] + 7) % 60;
        replayed.masks[i] = 1;
    }
    const auto after = replayed.run(1);
    for (std::size_t p = 0; p < before.size(); ++p) {
        if (replayed.points[p].offset <= middle) {
            EXPECT_EQ(before[p], after[p]) << p;
        }
    }
    EXPECT_NE(before.back(), after.back());
}

}  // namespace
}  // namespace shortlist::training
