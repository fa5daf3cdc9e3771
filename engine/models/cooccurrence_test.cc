#include "engine/models/cooccurrence.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/models/file_testing_internal.h"

namespace shortlist::models {
namespace {

Cooccurrence small_model() { return Cooccurrence::create({0, 2, 2, 3}, {{2, 0.5F}, {1, 0.25F}, {0, 0.5F}}).value(); }

TEST(Cooccurrence, lists_the_similar_items_of_each_item) {
    const auto model = small_model();
    ASSERT_EQ(model.items(), 3U);
    ASSERT_EQ(model.similar(0).size(), 2U);
    EXPECT_EQ(model.similar(0)[0], (SimilarItem{2, 0.5F}));
    EXPECT_EQ(model.similar(0)[1], (SimilarItem{1, 0.25F}));
    EXPECT_TRUE(model.similar(1).empty());
    EXPECT_EQ(model.similar(2)[0], (SimilarItem{0, 0.5F}));
}

TEST(Cooccurrence, knows_nothing_of_an_item_past_its_last) { EXPECT_TRUE(small_model().similar(3).empty()); }

TEST(Cooccurrence, refuses_lists_that_are_not_sound) {
    const auto accepts = [](std::vector<std::uint64_t> offsets, std::vector<SimilarItem> similar) {
        return Cooccurrence::create(std::move(offsets), std::move(similar)).has_value();
    };
    EXPECT_TRUE(accepts({0, 1, 1}, {{1, 1}}));
    EXPECT_FALSE(accepts({}, {}));
    EXPECT_FALSE(accepts({1, 1}, {{0, 1}}));
    EXPECT_FALSE(accepts({0, 2, 1}, {{1, 1}}));
    EXPECT_FALSE(accepts({0, 0, 0}, {{1, 1}}));
    EXPECT_FALSE(accepts({0, 1, 1}, {{0, 1}})) << "an item is not similar to itself";
    EXPECT_FALSE(accepts({0, 1, 1}, {{2, 1}})) << "row 2 does not exist";
    EXPECT_FALSE(accepts({0, 1, 1}, {{1, std::numeric_limits<float>::quiet_NaN()}}));
    EXPECT_FALSE(accepts({0, 2, 2, 2}, {{1, 1}, {2, 2}})) << "not best first";
    EXPECT_FALSE(accepts({0, 2, 2, 2}, {{2, 1}, {1, 1}})) << "a tie goes to the lower row";
}

TEST(Cooccurrence, comes_back_from_its_file) {
    const TemporaryFile file;
    ASSERT_TRUE(small_model().save(file.path()));
    const auto loaded = Cooccurrence::load(file.path()).value();
    ASSERT_EQ(loaded.items(), 3U);
    for (ItemRow item = 0; item < 3; ++item) {
        const auto expected = small_model();
        const auto list = loaded.similar(item);
        const auto wanted = expected.similar(item);
        EXPECT_TRUE(std::equal(list.begin(), list.end(), wanted.begin(), wanted.end())) << item;
    }
}

TEST(Cooccurrence, refuses_every_truncated_file_and_one_that_is_too_long) {
    const TemporaryFile file;
    ASSERT_TRUE(small_model().save(file.path()));
    expect_refused_unless_whole(file, [&] { return error_of(Cooccurrence::load(file.path())); });
}

// Byte 12 begins the item count, byte 20 the entry count.
TEST(Cooccurrence, refuses_counts_that_the_file_does_not_pay_for) {
    const TemporaryFile file;
    for (const std::size_t at : {12, 20}) {
        ASSERT_TRUE(small_model().save(file.path()));
        file.overwrite<std::uint64_t>(at, 0x00ffffffffffffffULL);
        EXPECT_EQ(error_of(Cooccurrence::load(file.path())), ErrorCode::DataLoss) << at;
        file.overwrite<std::uint64_t>(at, 0x10000000ULL);
        EXPECT_EQ(error_of(Cooccurrence::load(file.path())), ErrorCode::DataLoss) << at;
    }
}

TEST(Cooccurrence, refuses_another_kind_of_file_a_newer_version_and_a_missing_file) {
    const TemporaryFile file;
    ASSERT_TRUE(small_model().save(file.path()));
    file.overwrite<std::uint32_t>(8, 2);
    EXPECT_EQ(error_of(Cooccurrence::load(file.path())), ErrorCode::FailedPrecondition);
    file.overwrite<char>(0, 'X');
    EXPECT_EQ(error_of(Cooccurrence::load(file.path())), ErrorCode::DataLoss);
    EXPECT_EQ(error_of(Cooccurrence::load(file.path().string() + ".missing")), ErrorCode::NotFound);
}

// Whatever one flipped byte makes of the file, it is refused or still a sound model.
TEST(Cooccurrence, survives_any_damaged_byte) {
    const TemporaryFile file;
    ASSERT_TRUE(small_model().save(file.path()));
    const std::string whole = file.read();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            file.write(damaged);
            const auto model = Cooccurrence::load(file.path());
            if (!model) continue;
            for (ItemRow item = 0; item < model->items(); ++item) {
                for (const SimilarItem& entry : model->similar(item)) ASSERT_LT(entry.item, model->items()) << at;
            }
        }
    }
}

}  // namespace
}  // namespace shortlist::models
