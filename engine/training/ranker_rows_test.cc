#include "engine/training/ranker_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "engine/data/catalogue.h"
#include "engine/features/fold.h"
#include "engine/training/small_log_testing_internal.h"

namespace shortlist::training {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

// Six items, of which low rows were watched the more often, by a crowd; one retriever, which proposes the first three. The one
// feature counts the item's watches: 6, 5, 4, ...
struct Shop {
    data::Dataset data;
    std::shared_ptr<const pipeline::ServingModels> models;
    std::vector<data::SignalMask> masks;
    std::vector<std::uint8_t> grades;
    std::size_t judged = 0;  // offset of the first event behind the crowd's

    Shop() {
        for (std::uint64_t item = 0; item < 6; ++item) {
            for (std::uint64_t times = 0; times < 6 - item; ++times) data::append_event(small_event(kSmallLogStart, 99, item, "watch"), data);
        }
        judged = data.events.size();
        const TimeUs later = kSmallLogStart + kHourUs;
        for (std::uint64_t item = 0; item < 3; ++item) data::append_event(small_event(later, 1, item, "impression"), data);
        data::append_event(small_event(later + kSecondUs, 1, 2, "watch"), data);
        for (std::uint64_t item = 3; item < 5; ++item) data::append_event(small_event(later + 2 * kSecondUs, 2, item, "impression"), data);
        pipeline::ModelSpec spec;
        spec.items = data.items.size();
        spec.item_ids_sha256 = data::digest_of_ids(data.items, data.items.size());
        spec.signals.emplace_back("watched", data::SignalConfig{"watch", {}, 1});
        features::FeatureConfig watches;
        watches.of = "item";
        watches.signal = "watched";
        spec.features = {watches};
        spec.retrievers.push_back({"popular", pipeline::RetrieverKind::Popularity, "watched", /*candidates=*/3, {}});
        spec.surfaces.emplace_back("home", pipeline::SurfaceConfig{});
        pipeline::ModelParts parts;
        parts.retrievers.emplace_back();
        models = pipeline::ServingModels::create(spec, std::move(parts), data).value();
        masks = features::fold_masks(data.events, models->signals());
        grades = grades_of(models->signals());
    }

    [[nodiscard]] RowReport candidates(const std::vector<Visit>& visits, const RowOptions& limits, std::size_t threads = 1) const {
        ThreadPool pool(threads);
        return candidate_rows({data, masks, {}}, models, visits, limits, pool);
    }
    [[nodiscard]] Visit visit(const std::string& user, std::vector<Choice> choices) const {
        return {judged, data.users.ids.find(user), kSmallLogStart + kHourUs, std::move(choices)};
    }
};

// Feature value and label of the rows of one of the three-row requests.
std::vector<std::pair<float, float>> rows_of(const RankingRows& rows, std::size_t request) {
    std::vector<std::pair<float, float>> pairs;
    for (std::size_t row = 3 * request; row < 3 * request + 3; ++row) pairs.emplace_back(rows.values[row], rows.labels[row]);
    return pairs;
}

// u1 comes twice: {1, 5}, of which 5 is not proposed, and {0}. u2 comes twice: {4}, not proposed, so without rows, and {2}.
TEST(CandidateRows, count_what_no_retriever_proposed_and_weigh_each_user_the_same) {
    const Shop shop;
    const std::vector<Visit> visits{shop.visit("u1", {{1, 1}, {5, 1}}), shop.visit("u1", {{0, 3}}), shop.visit("u2", {{4, 1}}),
                                    shop.visit("u2", {{2, 1}})};
    const auto report = shop.candidates(visits, {});
    EXPECT_EQ(report.requests, 3U);
    EXPECT_EQ(report.chosen, 5U);
    EXPECT_EQ(report.chosen_missed, 2U);
    EXPECT_THAT(report.rows.group_sizes, ElementsAre(3, 3, 3));
    EXPECT_THAT(report.rows.weights, ElementsAre(0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 1, 1, 1));
    // The rows of a request stand in any order. Items 0 1 2 have the feature values 6 5 4.
    EXPECT_THAT(rows_of(report.rows, 0), UnorderedElementsAre(Pair(6, 0), Pair(5, 1), Pair(4, 0)));
    EXPECT_THAT(rows_of(report.rows, 1), UnorderedElementsAre(Pair(6, 3), Pair(5, 0), Pair(4, 0)));
    EXPECT_THAT(rows_of(report.rows, 2), UnorderedElementsAre(Pair(6, 0), Pair(5, 0), Pair(4, 1)));
    EXPECT_TRUE(report.rows.validate());
}

TEST(CandidateRows, keep_as_many_negatives_and_rows_as_the_limits_say) {
    const Shop shop;
    const std::vector<Visit> visits(10, shop.visit("u1", {{1, 1}}));
    RowOptions limits;
    limits.negatives = 1;
    EXPECT_THAT(shop.candidates(visits, limits).rows.group_sizes, testing::AllOf(testing::SizeIs(10), Each(2U)));
    limits.rows_max = 8;
    const auto fewer = shop.candidates(visits, limits);
    EXPECT_EQ(fewer.rows.size(), 8U);
    EXPECT_THAT(fewer.rows.weights, Each(0.25F));
}

// A model that scores all rows alike must be no better than chance: were the chosen rows in front, ties would flatter it.
TEST(CandidateRows, stand_in_an_order_that_says_nothing_about_the_choice) {
    const Shop shop;
    std::array<int, 3> chosen_at{};
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        RowOptions limits;
        limits.seed = seed;
        const auto labels = shop.candidates({shop.visit("u1", {{1, 1}})}, limits).rows.labels;
        ASSERT_EQ(labels.size(), 3U);
        for (std::size_t row = 0; row < 3; ++row) chosen_at[row] += labels[row] > 0 ? 1 : 0;
    }
    EXPECT_THAT(chosen_at, Each(testing::AllOf(testing::Gt(60), testing::Lt(140))));
}

TEST(CandidateRows, are_the_same_bytes_with_any_number_of_threads) {
    const Shop shop;
    const std::vector<Visit> visits(50, shop.visit("u1", {{1, 1}}));
    RowOptions limits;
    limits.negatives = 1;
    const auto one = shop.candidates(visits, limits, 1);
    const auto three = shop.candidates(visits, limits, 3);
    EXPECT_EQ(one.rows.values, three.rows.values);
    EXPECT_EQ(one.rows.labels, three.rows.labels);
}

// u1 was shown 0 1 2 and chose 2; u2 was shown 3 4 and chose nothing, which says nothing about order.
TEST(ExposureRows, are_what_was_shown_with_features_of_before) {
    const Shop shop;
    ThreadPool pool(1);
    const auto exposures = collect_exposures({shop.data.events, shop.masks, 0, shop.data.events.size()}, shop.grades);
    ASSERT_EQ(exposures.groups.size(), 2U);
    const auto report = exposure_rows({shop.data, shop.masks, {}}, shop.models, exposures, {}, pool);
    EXPECT_EQ(report.requests, 1U);
    EXPECT_EQ(report.chosen, 1U);
    EXPECT_EQ(report.chosen_missed, 0U);
    EXPECT_THAT(report.rows.group_sizes, ElementsAre(3));
    EXPECT_THAT(rows_of(report.rows, 0), UnorderedElementsAre(Pair(6, 0), Pair(5, 0), Pair(4, 1)));
}

// u1 comes again three hours later, is shown item 5 alone and does not choose it: by request that says nothing, by day it stands
// below item 2. u2, who chose nothing all day, still says nothing; nor does u1 on the next day.
TEST(ExposureRows, compare_all_of_a_users_day_when_asked) {
    Shop shop;
    data::append_event(small_event(kSmallLogStart + 4 * kHourUs, 1, 5, "impression"), shop.data);
    data::append_event(small_event(kSmallLogStart + 25 * kHourUs, 1, 3, "impression"), shop.data);
    shop.masks = features::fold_masks(shop.data.events, shop.models->signals());
    ThreadPool pool(2);
    const auto exposures = collect_exposures({shop.data.events, shop.masks, 0, shop.data.events.size()}, shop.grades);
    ASSERT_EQ(exposures.groups.size(), 4U);
    RowOptions options;
    options.compared = ComparedWithin::Day;
    const auto report = exposure_rows({shop.data, shop.masks, {}}, shop.models, exposures, options, pool);
    EXPECT_EQ(report.requests, 1U);
    EXPECT_THAT(report.rows.group_sizes, ElementsAre(4));
    EXPECT_THAT(report.rows.labels, ElementsAre(0, 0, 1, 0));
    // Watches of the items so far: u1's own watch of item 2 has made no difference to item 5.
    EXPECT_THAT(report.rows.values, ElementsAre(6, 5, 4, 1));
    EXPECT_THAT(report.rows.weights, Each(1.0F));
}

// Ten users come and are shown three items each, of which they choose one. Of thirty rows twelve may be kept: four requests, drawn by seed.
TEST(ExposureRows, past_the_limit_are_those_of_as_many_whole_requests_as_fit) {
    Shop shop;
    for (std::uint64_t user = 10; user < 20; ++user) {
        for (std::uint64_t item = 0; item < 3; ++item) data::append_event(small_event(kSmallLogStart + kDayUs, user, item, "impression"), shop.data);
        data::append_event(small_event(kSmallLogStart + kDayUs, user, user % 3, "watch"), shop.data);
    }
    shop.masks = features::fold_masks(shop.data.events, shop.models->signals());
    ThreadPool pool(1);
    const std::size_t first = shop.data.events.size() - 40;
    const auto exposures = collect_exposures({shop.data.events, shop.masks, first, shop.data.events.size()}, shop.grades);
    const auto rows_of = [&](std::size_t rows_max, std::uint64_t seed) {
        RowOptions options;
        options.rows_max = rows_max;
        options.seed = seed;
        return exposure_rows({shop.data, shop.masks, {}}, shop.models, exposures, options, pool).rows;
    };
    EXPECT_EQ(rows_of(30, 1).size(), 30U);
    const auto kept = rows_of(12, 1);
    EXPECT_THAT(kept.group_sizes, ElementsAre(3, 3, 3, 3));
    EXPECT_TRUE(kept.validate());
    EXPECT_EQ(kept.labels, rows_of(12, 1).labels);
    EXPECT_NE(kept.labels, rows_of(12, 2).labels);
}

// The part that stops training gets a third of the rows that the part it learns from may have.
TEST(RowsOfPart, are_as_many_as_the_config_says) {
    const auto data = small_log();
    auto config = small_config();
    auto& ranker = std::get<LightGbmRankerConfig>(config.ranker);
    ranker.rows_max = 66;
    ranker.negatives = 10;
    ThreadPool pool(1);
    auto unranked = config;
    unranked.ranker = NoRankerConfig{};
    auto trained = train_models(data, unranked, pool).value();
    const auto models = pipeline::ServingModels::create(trained.spec, std::move(trained.shipped), data).value();
    const auto log = CutLog::create(data, models->signals(), config.split).value();
    const auto train = rows_of_part(log, models, ranker, {eval::Part::Rank}, pool).value();
    const auto validation = rows_of_part(log, models, ranker, {eval::Part::Validation}, pool).value();
    EXPECT_LE(train.requests, 66U / 11);
    EXPECT_GT(train.requests, 66U / 11 / 3);
    EXPECT_LE(validation.requests, 66U / 3 / 11);
    EXPECT_GT(validation.requests, 0U);
}

}  // namespace
}  // namespace shortlist::training
