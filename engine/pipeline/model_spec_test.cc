#include "engine/pipeline/model_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shortlist::pipeline {
namespace {

using testing::HasSubstr;

ModelSpec full_spec() {
    ModelSpec spec;
    spec.has_times = false;
    spec.has_ranker = true;
    spec.items = 4294967294;
    spec.item_ids_sha256 = std::string(64, 'a');
    data::SignalConfig watched;
    watched.type = "watch \"it\"";
    watched.value.at_least = 0.1;
    watched.weight = -1.0 / 3.0;
    spec.signals.emplace_back("watched", watched);
    features::FeatureConfig rate;
    rate.name = "rate";
    rate.kind = features::FeatureKind::Rate;
    rate.of = "user x item.category";
    rate.signal = "watched";
    rate.half_life.us = 36 * kHourUs;
    rate.prior = 0.7;
    spec.features = {rate, {}};
    spec.categories = {{}, {{"", "Märchen", "a\nb"}}};
    spec.retrievers = {{"taste", RetrieverKind::Ials, "watched", 300, {}},
                       {"popular", RetrieverKind::Popularity, "watched", 7, {kDayUs}},
                       {"similar", RetrieverKind::ItemToItem, "watched", 8192, {}}};
    SurfaceConfig surface;
    surface.size = 3;
    surface.diversity.weight = 0.25;
    surface.hide_seen.us = 90 * kMinuteUs;
    spec.surfaces.emplace_back("home", surface);
    return spec;
}

TEST(ModelSpec, reads_back_as_it_was_written) {
    const ModelSpec spec = full_spec();
    const auto read = parse_model_spec(to_json(spec));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->has_times, false);
    EXPECT_EQ(read->has_ranker, true);
    EXPECT_EQ(read->items, 4294967294U);
    EXPECT_EQ(read->item_ids_sha256, spec.item_ids_sha256);
    ASSERT_EQ(read->signals.size(), 1U);
    EXPECT_EQ(read->signals[0].second.type, "watch \"it\"");
    EXPECT_EQ(read->signals[0].second.value.at_least, 0.1);
    EXPECT_EQ(read->signals[0].second.value.at_most, std::nullopt);
    EXPECT_EQ(read->signals[0].second.weight, -1.0 / 3.0);
    ASSERT_EQ(read->features.size(), 2U);
    EXPECT_EQ(read->features[0].kind, features::FeatureKind::Rate);
    EXPECT_EQ(read->features[0].half_life.us, 36 * kHourUs);
    EXPECT_EQ(read->features[0].prior, 0.7);
    ASSERT_EQ(read->categories.size(), 2U);
    EXPECT_EQ(read->categories[0].values, std::vector<std::string>{});
    EXPECT_EQ(read->categories[1].values, (std::vector<std::string>{"", "Märchen", "a\nb"}));
    ASSERT_EQ(read->retrievers.size(), 3U);
    EXPECT_EQ(read->retrievers[1].kind, RetrieverKind::Popularity);
    EXPECT_EQ(read->retrievers[1].half_life.us, kDayUs);
    EXPECT_EQ(read->retrievers[2].candidates, 8192U);
    ASSERT_EQ(read->surfaces.size(), 1U);
    EXPECT_EQ(read->surfaces[0].second.diversity.weight, 0.25);
    EXPECT_EQ(read->surfaces[0].second.hide_seen.us, 90 * kMinuteUs);
    EXPECT_EQ(to_json(*read), to_json(spec));
}

TEST(ModelSpec, refuses_a_file_that_is_cut_off_anywhere) {
    const std::string json = to_json(full_spec());
    for (std::size_t length = 0; length < json.size(); ++length) {
        const auto read = parse_model_spec(std::string_view(json).substr(0, length));
        ASSERT_FALSE(read) << "of " << length << " bytes";
        ASSERT_EQ(read.error().code, ErrorCode::DataLoss);
    }
}

TEST(ModelSpec, refuses_a_damaged_file_and_names_the_field) {
    const auto message_of = [](std::string_view json) {
        const auto read = parse_model_spec(json);
        return read ? std::string("no error") : read.error().message;
    };
    EXPECT_THAT(message_of(R"({"itmes": "3"})"), HasSubstr("items"));
    EXPECT_THAT(message_of(R"({"items": "many"})"), HasSubstr("items"));
    EXPECT_THAT(message_of(R"({"retrievers": [{"kind": "ials", "signal": "watched"}]})"), HasSubstr("name"));
    EXPECT_THAT(message_of(R"({"retrievers": [{"name": "a", "kind": "ilas", "signal": "watched"}]})"), HasSubstr("ials"));
    EXPECT_THAT(message_of(R"([])"), HasSubstr("models.json"));
    for (const auto* bare : {"3", "0.5", "true", "null", R"("text")"}) EXPECT_THAT(message_of(bare), HasSubstr("models.json")) << bare;
    EXPECT_THAT(message_of(R"({"items": 3})"), HasSubstr("items"));
    EXPECT_THAT(message_of(R"({"surfaces": {"home": 3}})"), HasSubstr("surfaces.home"));
    EXPECT_THAT(message_of(R"({"surfaces": {"home": {"hide_seen": 3}}})"), HasSubstr("surfaces.home.hide_seen"));
    EXPECT_THAT(message_of(R"({"surfaces": {"home": {"diversity": true}}})"), HasSubstr("surfaces.home.diversity"));
    EXPECT_THAT(message_of(std::string(1000, '[')), HasSubstr("models.json"));
}

}  // namespace
}  // namespace shortlist::pipeline
