#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/data/event_hash_internal.h"

namespace shortlist::data {
namespace {

/// Ids that fall on few places of a small table, so that many must look for another.
EventId crowded_id(std::uint64_t number) { return {number << 32U, number % 3}; }

TEST(EventIdSet, holds_each_id_once_however_crowded) {
    EventIdSet ids;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        EXPECT_FALSE(ids.contains(crowded_id(i)));
        EXPECT_TRUE(ids.insert(crowded_id(i)));
        EXPECT_FALSE(ids.insert(crowded_id(i)));
        EXPECT_EQ(ids.size(), i);
    }
    for (std::uint64_t i = 1; i <= 200; ++i) EXPECT_TRUE(ids.contains(crowded_id(i))) << i;
    EXPECT_FALSE(ids.contains(crowded_id(201)));
}

TEST(EventIdSet, holds_the_zero_id_which_marks_free_places) {
    EventIdSet ids;
    EXPECT_FALSE(ids.contains(EventId{}));
    EXPECT_TRUE(ids.insert(EventId{}));
    EXPECT_TRUE(ids.contains(EventId{}));
    EXPECT_FALSE(ids.insert(EventId{}));
}

TEST(EventIdSet, tells_ids_apart_by_either_half) {
    EventIdSet ids(1);
    EXPECT_TRUE(ids.insert({1, 2}));
    EXPECT_TRUE(ids.insert({2, 1}));
    EXPECT_TRUE(ids.insert({1, 3}));
    EXPECT_FALSE(ids.contains({3, 1}));
}

TEST(EventIdSet, keeps_its_ids_when_it_grows) {
    EventIdSet ids;
    Rng rng(1);
    std::vector<EventId> inserted;
    for (int i = 0; i < 8; ++i) {
        inserted.push_back({rng.next(), rng.next()});
        ids.insert(inserted.back());
        ids.reserve(16U << i);
        for (const EventId id : inserted) EXPECT_TRUE(ids.contains(id));
    }
    EXPECT_EQ(ids.size(), 8U);
}

TEST(WithOrdinal, changes_the_last_byte_only) { EXPECT_EQ(with_ordinal({7, 0xABCD}, 3), (EventId{7, 0xAB03})); }

TEST(ContextHash, counts_name_and_value_and_is_0_for_none) {
    EXPECT_EQ(context_hash("device", ""), 0U);
    EXPECT_NE(context_hash("device", "tv"), context_hash("surface", "tv"));
    EXPECT_NE(context_hash("device", "tv"), context_hash("device", "phone"));
    EXPECT_NE(context_hash("tv", "device"), context_hash("device", "tv"));
}

}  // namespace
}  // namespace shortlist::data
