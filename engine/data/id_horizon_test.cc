#include "engine/data/id_horizon_internal.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"

namespace shortlist::data {
namespace {

EventId id_of(std::uint64_t number) { return {base::mix64(number), base::mix64(~number) & ~std::uint64_t{255}}; }

TEST(IdHorizon, names_where_an_id_of_the_newest_was_first) {
    IdHorizon ids(1000);
    for (std::uint64_t i = 0; i < 5000; ++i) {
        EXPECT_EQ(ids.insert(id_of(i), 3 * i + 7), std::nullopt) << i;
        const std::uint64_t oldest = i < 999 ? 0 : i - 999;
        for (const std::uint64_t known : {i, oldest, oldest + (i - oldest) / 2}) EXPECT_EQ(ids.insert(id_of(known), 3 * i + 8), 3 * known + 7);
    }
}

TEST(IdHorizon, remembers_no_more_than_twice_as_many) {
    IdHorizon ids(1000);
    for (std::uint64_t i = 0; i < 5000; ++i) ids.insert(id_of(i), i);
    EXPECT_EQ(ids.insert(id_of(2999), 5000), std::nullopt);
}

TEST(IdHorizon, of_one_knows_the_last) {
    IdHorizon ids(1);
    EXPECT_EQ(ids.insert(id_of(0), 0), std::nullopt);
    EXPECT_EQ(ids.insert(id_of(0), 1), 0U);
    EXPECT_EQ(ids.insert(id_of(1), 1), std::nullopt);
    EXPECT_EQ(ids.insert(id_of(2), 2), std::nullopt);
    EXPECT_EQ(ids.insert(id_of(2), 3), 2U);
    EXPECT_EQ(ids.insert(id_of(0), 3), std::nullopt);
}

// The last byte is the ordinal of an event within its row; an id of digits may be anything, zero too.
TEST(IdHorizon, tells_ids_apart_by_each_of_their_parts) {
    IdHorizon ids(100);
    std::uint64_t offset = 0;
    for (const EventId id : {EventId{0, 0}, EventId{0, 1}, EventId{1, 0}, EventId{0, std::uint64_t{1} << 63U}, EventId{std::uint64_t{1} << 63U, 0}}) {
        EXPECT_EQ(ids.insert(id, offset++), std::nullopt);
    }
    EXPECT_EQ(ids.insert({0, 0}, offset), 0U);
    EXPECT_EQ(ids.insert({1, 0}, offset), 2U);
}

TEST(IdHorizon, forgets_what_is_so_old_that_its_place_would_not_fit) {
    IdHorizon ids(1000);
    constexpr std::uint64_t kFar = std::uint64_t{1} << 40U;
    ids.insert(id_of(0), 5);
    ids.insert(id_of(1), kFar);
    EXPECT_EQ(ids.insert(id_of(0), kFar + 1), 5U);
    EXPECT_EQ(ids.insert(id_of(1), kFar + 1), kFar);
    ids.insert(id_of(2), 2 * kFar);
    EXPECT_EQ(ids.insert(id_of(1), 2 * kFar), kFar);
    EXPECT_EQ(ids.insert(id_of(0), 2 * kFar), std::nullopt);
}

// Against a map, with ids that crowd in few places; also over the change of a generation.
TEST(IdHorizon, erases_what_was_inserted_last_and_nothing_else) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        base::Rng rng(seed);
        IdHorizon ids(700);
        std::map<EventId, std::uint64_t> twin;
        for (std::uint64_t offset = 0; offset < 650; ++offset) {
            const EventId id{0, rng.next() % 1500};
            const auto known = twin.find(id);
            EXPECT_EQ(ids.insert(id, offset), known == twin.end() ? std::nullopt : std::optional(known->second)) << "seed " << seed;
            if (known == twin.end() && rng.next() % 3 == 0) {
                ids.erase(id);
            } else {
                twin.try_emplace(id, offset);
            }
        }
        for (const auto& [id, offset] : twin) EXPECT_EQ(ids.insert(id, 1000), offset) << "seed " << seed;
    }
    IdHorizon ids(2);
    for (std::uint64_t i = 0; i < 4; ++i) ids.insert(id_of(i), i);
    ids.insert(id_of(4), 4);
    ids.erase(id_of(4));
    ids.erase(id_of(3));
    EXPECT_EQ(ids.insert(id_of(3), 5), std::nullopt);
    EXPECT_EQ(ids.insert(id_of(2), 6), 2U);
}

}  // namespace
}  // namespace shortlist::data
