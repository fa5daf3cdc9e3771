#include "engine/simulation/shorts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace shortlist::simulation {
namespace {

using data::CodedColumn;
using data::ColumnBatch;

ShortsConfig small_world() {
    ShortsConfig config;
    config.users = 600;
    config.items = 3'000;
    config.interactions = 60'000;
    return config;
}

const ShortsWorld& small() {
    static const ShortsWorld world = [] {
        base::ThreadPool threads(2);
        return generate_shorts(small_world(), threads).value();
    }();
    return world;
}

const std::vector<std::uint32_t>& codes(const ColumnBatch& table, std::string_view name) {
    return std::get<CodedColumn>(table.find(name)->values).codes;
}
std::string_view text(const ColumnBatch& table, std::string_view name, std::size_t row) {
    const auto& column = std::get<CodedColumn>(table.find(name)->values);
    return column.values[column.codes[row]];
}
const std::vector<std::int64_t>& integers(const ColumnBatch& table, std::string_view name) {
    return std::get<std::vector<std::int64_t>>(table.find(name)->values);
}
const std::vector<float>& event_values(const ShortsWorld& world) { return std::get<std::vector<float>>(world.events.find("value")->values); }

/// Everything a table holds, as bytes.
std::string bytes_of(const ColumnBatch& table) {
    std::string bytes;
    const auto append = [&](const auto& values) { bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])); };
    for (const auto& column : table.columns) {
        bytes += column.name;
        append(column.valid);
        if (const auto* coded = std::get_if<CodedColumn>(&column.values)) {
            append(coded->codes);
            bytes += coded->values.bytes;
        } else if (const auto* strings = std::get_if<data::StringColumn>(&column.values)) {
            bytes += strings->bytes;
        } else if (const auto* floats = std::get_if<std::vector<float>>(&column.values)) {
            append(*floats);
        } else {
            append(std::get<std::vector<std::int64_t>>(column.values));
        }
    }
    return bytes;
}

std::string bytes_of(const ShortsWorld& world) { return bytes_of(world.events) + bytes_of(world.videos) + bytes_of(world.users); }

TEST(Shorts, same_seed_gives_the_same_bytes_with_one_thread_and_with_four) {
    base::ThreadPool one(1);
    base::ThreadPool four(4);
    ShortsConfig config = small_world();
    const std::string bytes = bytes_of(*generate_shorts(config, one));
    EXPECT_TRUE(bytes == bytes_of(*generate_shorts(config, four)));
    config.seed = 43;
    EXPECT_FALSE(bytes == bytes_of(*generate_shorts(config, four)));
}

TEST(Shorts, has_exactly_as_many_rows_as_asked) {
    base::ThreadPool threads(2);
    for (const std::uint64_t interactions : {1, 2, 37, 5'000}) {
        ShortsConfig config = small_world();
        config.users = 50;
        config.items = 70;
        config.interactions = interactions;
        const auto world = generate_shorts(config, threads);
        ASSERT_TRUE(world.has_value());
        EXPECT_EQ(world->events.rows, interactions);
        EXPECT_EQ(world->videos.rows, 70U);
        EXPECT_EQ(world->users.rows, 50U);
        for (const auto* table : {&world->events, &world->videos, &world->users}) {
            for (const auto& column : table->columns) {
                const std::size_t rows = std::visit(
                    [](const auto& values) -> std::size_t {
                        if constexpr (requires { values.codes; })
                            return values.codes.size();
                        else if constexpr (requires { values.size(); })
                            return values.size();
                        else
                            return 0;
                    },
                    column.values);
                EXPECT_EQ(rows, table->rows) << column.name;
            }
        }
    }
}

TEST(Shorts, refuses_a_nonsense_config_and_names_the_field) {
    base::ThreadPool threads(1);
    ShortsConfig config;
    config.users = 0;
    EXPECT_EQ(generate_shorts(config, threads).error().message, "users must be from 1 to 1e+07, not 0");
    config = {};
    config.taste_drift = std::nan("");
    EXPECT_THAT(generate_shorts(config, threads).error().message, testing::HasSubstr("taste_drift"));
    config = {};
    config.personal_share = 0.8;
    config.fresh_share = 0.3;
    EXPECT_EQ(generate_shorts(config, threads).error().message, "personal_share and fresh_share must add to at most 1, not 1.100000");
    config.fresh_share = -0.1;
    config.days = 400;
    EXPECT_EQ(generate_shorts(config, threads).error().message, "days must be from 1 to 366, not 400") << "the first that is wrong";
}

TEST(ShortsConfig, takes_every_option_to_its_bounds) {
    ShortsConfig config;
    EXPECT_TRUE(check(config));
    config.categories = 1;
    config.page_size = 100;
    config.taste_drift = 0.0;
    config.personal_share = 1.0;
    config.fresh_share = 0.0;
    EXPECT_TRUE(check(config)) << "shares that add to 1 leave nothing to popularity alone";
    config.categories = 25;
    EXPECT_FALSE(check(config));
}

// One person sees a video every 20 seconds or so: 4,000 in a day, not a million.
TEST(Shorts, refuses_more_interactions_than_the_users_have_time_for) {
    base::ThreadPool threads(1);
    ShortsConfig config = small_world();
    config.users = 1;
    config.items = 20;
    config.days = 1;
    config.interactions = 100'000;
    const auto world = generate_shorts(config, threads);
    ASSERT_FALSE(world.has_value());
    EXPECT_EQ(world.error().message, "interactions: 1 users find no time for 100000 in 1 days; ask for fewer, or for more users or days");
}

TEST(Shorts, events_stand_in_order_of_time_within_the_days_of_the_log) {
    const auto& times = integers(small().events, "time_ms");
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    const std::int64_t start_ms = small().truth.start / 1000;
    EXPECT_GE(times.front(), start_ms);
    // What was shown before the end may be watched past it; the longest video lasts 28 minutes, three times over at most.
    const std::int64_t end_ms = start_ms + static_cast<std::int64_t>(small().truth.days) * 86'400'000;
    for (std::size_t row = 0; row < times.size(); ++row) {
        ASSERT_LT(times[row], end_ms + (text(small().events, "event", row) == "impression" ? 0 : 3 * 30 * 60'000));
    }
}

TEST(Shorts, an_outcome_follows_its_impression_and_a_like_follows_a_watch) {
    const auto& users = codes(small().events, "user_id");
    const auto& items = codes(small().events, "video_id");
    const auto& requests = codes(small().events, "request_id");
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> shown;
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> watched;
    std::size_t likes = 0;
    for (std::size_t row = 0; row < users.size(); ++row) {
        const std::tuple key{users[row], items[row], requests[row]};
        const std::string_view kind = text(small().events, "event", row);
        if (kind == "impression") {
            EXPECT_TRUE(shown.insert(key).second) << "a page shows a video once";
            continue;
        }
        ASSERT_TRUE(shown.contains(key)) << kind;
        if (kind == "watch") watched.insert(key);
        if (kind == "like") {
            ++likes;
            ASSERT_TRUE(watched.contains(key));
        }
    }
    EXPECT_GT(likes, 100U);
}

TEST(Shorts, only_a_watch_has_a_value_and_it_is_the_played_part) {
    const auto& valid = small().events.find("value")->valid;
    float greatest = 0.0F;
    for (std::size_t row = 0; row < small().events.rows; ++row) {
        ASSERT_EQ(valid[row] != 0, text(small().events, "event", row) == "watch");
        if (valid[row] == 0) continue;
        ASSERT_GE(event_values(small())[row], 0.1F);
        greatest = std::max(greatest, event_values(small())[row]);
    }
    EXPECT_GT(greatest, 1.0F);  // some are replayed
    EXPECT_LE(greatest, 3.0F);
}

TEST(Shorts, nothing_is_shown_before_its_upload_nor_to_who_has_not_signed_up) {
    const auto& users = codes(small().events, "user_id");
    const auto& items = codes(small().events, "video_id");
    const auto& times = integers(small().events, "time_ms");
    const auto& uploads = integers(small().videos, "uploaded_at");
    const auto& signups = integers(small().users, "signup_at");
    for (std::size_t row = 0; row < times.size(); ++row) {
        ASSERT_GE(times[row], uploads[items[row]]);
        ASSERT_GE(times[row], signups[users[row]]);
    }
    const auto during = std::count_if(uploads.begin(), uploads.end(), [](std::int64_t time) { return time * 1000 > small().truth.start; });
    EXPECT_GT(during, 1'100);  // 45 % of 3,000 is 1,350
    EXPECT_LT(during, 1'600);
}

/// Rate of "watched to half" among impressions, by a key of the row.
template <class Key>
std::map<int, double> half_rate_by(const ShortsWorld& world, Key key) {
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, int> keys;
    std::map<int, std::array<double, 2>> counts;
    const auto& users = codes(world.events, "user_id");
    const auto& items = codes(world.events, "video_id");
    const auto& requests = codes(world.events, "request_id");
    for (std::size_t row = 0; row < world.events.rows; ++row) {
        const std::tuple id{users[row], items[row], requests[row]};
        const std::string_view kind = text(world.events, "event", row);
        if (kind == "impression") counts[keys[id] = key(row)][0] += 1.0;
        if (kind == "watch" && event_values(world)[row] >= 0.5F) counts[keys.at(id)][1] += 1.0;
    }
    std::map<int, double> rates;
    for (const auto& [value, count] : counts) rates[value] = count[1] / count[0];
    return rates;
}

// The same choices, ordered by the policy, so the comparison is with a world without position bias: its first slot is
// watched more than its last only as far as the policy's order is right.
TEST(Shorts, position_bias_takes_attention_from_the_last_slot) {
    base::ThreadPool threads(2);
    const auto last_over_first = [&](double bias) {
        ShortsConfig config = small_world();
        config.position_bias = bias;
        const ShortsWorld world = generate_shorts(config, threads).value();
        const auto& positions = integers(world.events, "position");
        auto rates = half_rate_by(world, [&](std::size_t row) { return static_cast<int>(positions[row]); });
        return rates.at(7) / rates.at(0);
    };
    EXPECT_LT(last_over_first(1.0), 0.7 * last_over_first(0.0));
}

TEST(Shorts, a_video_in_the_users_language_is_watched_more) {
    const auto& users = codes(small().events, "user_id");
    const auto& items = codes(small().events, "video_id");
    const auto rates = half_rate_by(small(), [&](std::size_t row) {
        const Country& home = kCountries[small().truth.user_countries[users[row]]];
        return home.language == codes(small().videos, "language")[items[row]] ? 1 : 0;
    });
    EXPECT_GT(rates.at(1), 1.3 * rates.at(0));
}

TEST(Shorts, tastes_drift_as_far_as_asked) {
    const auto mean_cosine = [](double drift) {
        base::ThreadPool threads(2);
        ShortsConfig config = small_world();
        config.taste_drift = drift;
        config.interactions = 100;
        const ShortsTruth truth = generate_shorts(config, threads)->truth;
        double sum = 0.0;
        for (std::size_t user = 0; user < truth.users(); ++user) {
            sum += dot(taste_at(truth, user, truth.start), taste_at(truth, user, truth.start + static_cast<TimeUs>(truth.days) * kDayUs));
        }
        return sum / static_cast<double>(truth.users());
    };
    EXPECT_NEAR(mean_cosine(0.0), 1.0, 1e-5);
    EXPECT_NEAR(mean_cosine(0.5), 0.72, 0.08);  // halfway between two directions at right angles: cos 45 degrees, a little more for shared favourites
    EXPECT_LT(mean_cosine(1.0), 0.25);
}

TEST(Shorts, a_title_names_the_topic_and_no_more_than_chance_besides) {
    const auto& titles = std::get<data::StringColumn>(small().videos.find("title")->values);
    std::map<std::string, std::set<std::uint16_t>> topics_of_noun;
    for (std::size_t item = 0; item < titles.size(); ++item) {
        const std::string title(titles[item]);
        const std::size_t first = title.find(' ');
        topics_of_noun[title.substr(first + 1, title.find(' ', first + 1) - first - 1)].insert(small().truth.topics[item]);
    }
    for (const auto& [noun, topics] : topics_of_noun) EXPECT_EQ(topics.size(), 1U) << noun;
    EXPECT_GT(topics_of_noun.size(), 100U);
}

}  // namespace
}  // namespace shortlist::simulation
