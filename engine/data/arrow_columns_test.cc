#include "engine/data/arrow_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine/data/arrow/batch_file.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ArrowBatch numbers_and_lists() {
    ArrowBatchBuilder builder;
    builder.add("n", std::vector<std::int64_t>{-1, 2}).add("u", std::vector<std::uint32_t>{4'000'000'000U, 0}).add("f", std::vector<float>{0.5F, 2});
    builder.add_lists("l", {0, 0, 3}, std::vector<std::uint64_t>{7, 8, ~std::uint64_t{0}});
    return builder.finish();
}

void expect_numbers_and_lists(const ArrowBatch& batch) {
    ASSERT_EQ(batch.rows(), 2U);
    EXPECT_THAT(batch.numbers<std::int64_t>("n").value(), ElementsAre(-1, 2));
    EXPECT_THAT(batch.numbers<std::uint32_t>("u").value(), ElementsAre(4'000'000'000U, 0U));
    EXPECT_THAT(batch.numbers<float>("f").value(), ElementsAre(0.5F, 2.0F));
    const auto lists = batch.lists<std::uint64_t>("l").value();
    ASSERT_EQ(lists.size(), 2U);
    EXPECT_TRUE(lists[0].empty());
    EXPECT_THAT(lists[1], ElementsAre(7U, 8U, ~std::uint64_t{0}));
}

TEST(ArrowBatch, gives_the_columns_that_it_was_built_of) { expect_numbers_and_lists(numbers_and_lists()); }

TEST(ArrowBatch, is_one_that_arrow_itself_takes_writes_and_gives_back) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "batch.arrow";
    ASSERT_TRUE(write_batch(path, numbers_and_lists()));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "batch.arrow.part"));
    const auto batch = read_batch(path);
    ASSERT_TRUE(batch) << batch.error().message;
    expect_numbers_and_lists(*batch);
}

TEST(ArrowBatch, carries_our_columns_there_and_back) {
    ColumnBatch columns;
    columns.rows = 3;
    StringColumn texts;
    for (const auto* text : {"a", "", "Straße"}) texts.push_back(text);
    columns.columns.push_back({"text", texts, {}, false});
    columns.columns.push_back({"time", std::vector<std::int64_t>{1, 2, 3}, {}, true});
    columns.columns.push_back({"real", std::vector<float>{1, -2, 3}, {}, false});
    const TemporaryFolder folder;
    const auto path = folder.path() / "batch.arrow";
    ASSERT_TRUE(write_batch(path, to_arrow(std::move(columns)).value()));
    const auto back = from_arrow(read_batch(path).value()).value();
    ASSERT_EQ(back.rows, 3U);
    ASSERT_EQ(back.columns.size(), 3U);
    const auto& strings = std::get<StringColumn>(back.find("text")->values);
    EXPECT_EQ(strings.offsets, texts.offsets);
    EXPECT_EQ(strings.bytes, texts.bytes);
    EXPECT_TRUE(back.find("time")->time_us);
    EXPECT_THAT(std::get<std::vector<std::int64_t>>(back.find("time")->values), ElementsAre(1, 2, 3));
    EXPECT_FALSE(back.find("real")->time_us);
    EXPECT_THAT(std::get<std::vector<float>>(back.find("real")->values), ElementsAre(1.0F, -2.0F, 3.0F));
}

// What others export may be a slice: rows begin at the batch's offset plus the column's.
TEST(ArrowBatch, reads_a_slice_from_where_it_begins) {
    auto batch = numbers_and_lists();
    batch.array.offset = 1;
    batch.array.length = 1;
    EXPECT_THAT(batch.numbers<std::int64_t>("n").value(), ElementsAre(2));
    EXPECT_THAT(batch.lists<std::uint64_t>("l").value()[0], ElementsAre(7U, 8U, ~std::uint64_t{0}));
    batch.array.length = 2;
    EXPECT_THAT(batch.numbers<std::int64_t>("n").error().message, HasSubstr("shorter"));
}

TEST(ArrowBatch, names_the_column_that_is_not_there_or_of_another_type) {
    const auto batch = numbers_and_lists();
    EXPECT_THAT(batch.numbers<float>("g").error().message, HasSubstr("no column 'g'"));
    EXPECT_THAT(batch.numbers<float>("n").error().message, testing::AllOf(HasSubstr("'n'"), HasSubstr("'l'"), HasSubstr("'f'")));
    EXPECT_THAT(batch.lists<std::uint32_t>("l").error().message, HasSubstr("+L of I"));
    EXPECT_THAT(batch.lists<std::uint32_t>("f").error().message, HasSubstr("+L"));
    EXPECT_THAT(ArrowBatch().numbers<float>("f").error().message, HasSubstr("released"));
    EXPECT_THAT(from_arrow(batch).error().message, HasSubstr("'u'"));
}

TEST(ArrowBatch, refuses_lists_outside_their_values_and_missing_values) {
    auto batch = numbers_and_lists();
    std::vector<std::int64_t> offsets{0, 4, 3};
    batch.array.children[3]->buffers[1] = offsets.data();
    EXPECT_THAT(batch.lists<std::uint64_t>("l").error().message, HasSubstr("one behind the other"));
    offsets = {0, 1, 4};
    batch.array.children[3]->buffers[1] = offsets.data();
    EXPECT_FALSE(batch.lists<std::uint64_t>("l"));
    std::uint8_t bits = 1;
    batch.array.children[0]->buffers[0] = &bits;
    batch.array.children[0]->null_count = -1;
    EXPECT_THAT(batch.numbers<std::int64_t>("n").error().message, HasSubstr("missing"));
}

TEST(BatchFile, names_a_file_that_is_not_there_or_damaged) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "batch.arrow";
    EXPECT_EQ(read_batch(path).error().code, ErrorCode::NotFound);
    folder.write("batch.arrow", "not Arrow at all, whatever its name says");
    EXPECT_THAT(read_batch(path).error().message, HasSubstr("batch.arrow"));
    EXPECT_FALSE(write_batch(path, ArrowBatch()));
}

}  // namespace
}  // namespace shortlist::data
