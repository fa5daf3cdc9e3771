#include "engine/data/arrow/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> texts_in(const Column& column) {
    std::vector<std::string> texts;
    const auto* plain = std::get_if<StringColumn>(&column.values);
    for (std::size_t i = 0; plain != nullptr && i < plain->size(); ++i) texts.emplace_back((*plain)[i]);
    return texts;
}

TEST(Reader, parquet_gives_back_every_kind_of_column) {
    TemporaryFolder folder;
    ColumnBatch batch;
    batch.rows = 2;
    batch.columns.push_back({"i", std::vector<std::int64_t>{1, -2}, {}, false});
    batch.columns.push_back({"d", std::vector<double>{0.5, 2}, {0, 1}, false});
    batch.columns.push_back({"f", std::vector<float>{0.5F, 2}, {}, false});
    batch.columns.push_back({"b", std::vector<std::uint8_t>{1, 0}, {}, false});
    CodedColumn coded{{1, 0}, {}};
    coded.values.push_back("x");
    coded.values.push_back("y");
    batch.columns.push_back({"c", coded, {}, false});
    batch.columns.push_back({"v", VectorColumn{2, {1, 2, 3, 4}}, {}, false});
    StringListColumn lists;
    lists.strings.push_back("p");
    lists.strings.push_back("q");
    lists.offsets = {0, 2, 2};
    batch.columns.push_back({"l", lists, {}, false});
    const auto path = folder.path() / "all.parquet";
    for (const auto compression : {Compression::None, Compression::Snappy, Compression::Zstd}) {
        ASSERT_TRUE(write_parquet(path, batch, compression));
        auto reader = open_table({path.string(), FileFormat::Auto, {}});
        ASSERT_TRUE(reader) << reader.error().message;
        const auto read = (*reader)->next();
        ASSERT_TRUE(read && *read);
        const auto& table = (*read)->table;
        EXPECT_EQ(std::get<std::vector<std::int64_t>>(table.find("i")->values), (std::vector<std::int64_t>{1, -2}));
        EXPECT_EQ(table.find("d")->valid, (std::vector<std::uint8_t>{0, 1}));
        EXPECT_EQ(std::get<std::vector<double>>(table.find("d")->values)[1], 2.0);
        EXPECT_EQ(std::get<std::vector<float>>(table.find("f")->values), (std::vector<float>{0.5F, 2}));
        EXPECT_EQ(std::get<std::vector<std::uint8_t>>(table.find("b")->values), (std::vector<std::uint8_t>{1, 0}));
        const auto& codes = std::get<CodedColumn>(table.find("c")->values);
        EXPECT_EQ(codes.values[codes.codes[0]], "y");
        EXPECT_EQ(std::get<VectorColumn>(table.find("v")->values).values, (std::vector<float>{1, 2, 3, 4}));
        EXPECT_EQ(std::get<StringListColumn>(table.find("l")->values).offsets, (std::vector<std::uint64_t>{0, 2, 2}));
        EXPECT_FALSE((*reader)->next()->has_value());
    }
    const auto other = folder.path() / "parallel.parquet";
    ASSERT_TRUE(write_parquet(path, batch));
    ASSERT_TRUE(write_parquet(other, batch, Compression::Snappy, Encoding::Parallel));
    EXPECT_TRUE(folder.read("all.parquet") == folder.read("parallel.parquet"));
}

TEST(WriteParquet, refuses_columns_of_unequal_length) {
    TemporaryFolder folder;
    ColumnBatch batch;
    batch.rows = 2;
    batch.columns.push_back({"i", std::vector<std::int64_t>{1}, {}, false});
    EXPECT_THAT(write_parquet(folder.path() / "x.parquet", batch).error().message, HasSubstr("'i' does not have 2 rows"));
    batch.columns[0].values = std::vector<std::int64_t>{1, 2};
    batch.columns[0].valid = {1};
    EXPECT_THAT(write_parquet(folder.path() / "x.parquet", batch).error().message, HasSubstr("'i' does not have 2 rows"));
}

TEST(WriteParquet, compresses_as_asked_and_says_where_it_cannot_write) {
    TemporaryFolder folder;
    ColumnBatch batch;
    batch.rows = 10'000;
    batch.columns.push_back({"d", std::vector<double>(10'000), {}, false});
    for (std::size_t i = 0; i < batch.rows; ++i) std::get<std::vector<double>>(batch.columns[0].values)[i] = static_cast<double>(i % 5000);
    std::vector<std::uintmax_t> sizes;
    for (const auto compression : {Compression::Zstd, Compression::Snappy, Compression::None}) {
        ASSERT_TRUE(write_parquet(folder.path() / "x.parquet", batch, compression));
        sizes.push_back(std::filesystem::file_size(folder.path() / "x.parquet"));
    }
    EXPECT_LT(sizes[0], sizes[1]);
    EXPECT_LT(sizes[1], sizes[2]);
    EXPECT_EQ(write_parquet(folder.path() / "none/x.parquet", batch).error().code, ErrorCode::Unavailable);
}

TEST(Reader, parquet_keeps_which_of_many_rows_have_a_value) {
    TemporaryFolder folder;
    ColumnBatch batch;
    batch.rows = 20;
    Column column{"i", std::vector<std::int64_t>(20, 7), {}, false};
    for (std::size_t row = 0; row < batch.rows; ++row) column.valid.push_back(row % 3 == 0 || row == 8 || row == 16 ? 1 : 0);
    batch.columns.push_back(column);
    ASSERT_TRUE(write_parquet(folder.path() / "x.parquet", batch));
    const auto read = open_table({(folder.path() / "x.parquet").string(), FileFormat::Auto, {}}).value()->next().value();
    EXPECT_EQ(read->table.columns[0].valid, column.valid);
}

TEST(Reader, parquet_comes_in_batches_of_a_mebirow_with_the_columns_wanted) {
    constexpr std::size_t kBatch = std::size_t{1} << 20;
    TemporaryFolder folder;
    ColumnBatch batch;
    batch.rows = kBatch + 1;
    std::vector<std::int64_t> numbers(batch.rows);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
    batch.columns.push_back({"a", std::vector<std::int64_t>(batch.rows), {}, false});
    batch.columns.push_back({"b", std::move(numbers), {}, false});
    ASSERT_TRUE(write_parquet(folder.path() / "x.parquet", batch));
    const auto reader = open_table({(folder.path() / "x.parquet").string(), FileFormat::Auto, {"b"}}).value();
    const auto first = reader->next().value();
    EXPECT_EQ(first->table.rows, kBatch);
    EXPECT_EQ(first->row_number(1), 1U);
    EXPECT_GT(first->progress, 0.9);
    EXPECT_LT(first->progress, 1.0);
    const auto second = reader->next().value();
    EXPECT_EQ(second->table.rows, 1U);
    EXPECT_EQ(second->first_row, kBatch);
    EXPECT_EQ(second->progress, 1.0);
    ASSERT_EQ(second->table.columns.size(), 1U);
    EXPECT_THAT(std::get<std::vector<std::int64_t>>(second->table.columns[0].values), ElementsAre(kBatch));
    EXPECT_THAT(column_names({(folder.path() / "x.parquet").string(), FileFormat::Auto, {}}).value(), ElementsAre("a", "b"));
}

TEST(Reader, the_end_of_a_name_tells_the_format) {
    TemporaryFolder folder;
    ColumnBatch batch;
    batch.rows = 1;
    batch.columns.push_back({"a", std::vector<std::int64_t>{1}, {}, false});
    const auto names_of = [&folder](const std::string& name, FileFormat format = FileFormat::Auto) {
        return column_names({(folder.path() / name).string(), format, {}}).value_or({"error"});
    };
    for (const auto* name : {"t.parquet", "t.pq"}) {
        ASSERT_TRUE(write_parquet(folder.path() / name, batch));
        EXPECT_THAT(names_of(name), ElementsAre("a")) << name;
    }
    for (const auto* name : {"t.csv", "t.tsv"}) {
        folder.write(name, "b\n1\n");
        EXPECT_THAT(names_of(name), ElementsAre("b")) << name;
    }
    for (const auto* name : {"t.ndjson", "t.jsonl", "t.json"}) {
        folder.write(name, "{\"c\":1}\n");
        EXPECT_THAT(names_of(name), ElementsAre("c")) << name;
    }
    folder.write("t.txt", "d\n1\n");
    EXPECT_THAT(names_of("t.txt"), ElementsAre("error"));
    EXPECT_THAT(names_of("t.txt", FileFormat::Csv), ElementsAre("d"));
}

TEST(Reader, a_column_that_stands_twice_is_an_error_where_it_is_wanted) {
    TemporaryFolder folder;
    folder.write("t.csv", "a,b,a,c\n1,2,3,4\n");
    const auto error_of = [&folder](const std::vector<std::string>& wanted) {
        const auto reader = open_table({(folder.path() / "t.csv").string(), FileFormat::Auto, wanted});
        return reader ? "no error" : reader.error().message;
    };
    EXPECT_THAT(error_of({}), HasSubstr("column 'a' stands twice"));
    EXPECT_THAT(error_of({"c", "a"}), HasSubstr("column 'a' stands twice"));
    EXPECT_THAT(error_of({"x"}), HasSubstr("there is no column 'x'; there are a, b, a, c"));
}

TEST(Reader, a_file_that_is_not_there_is_said_to_be_missing) {
    for (const auto* name : {"/none/t.csv", "/none/t.ndjson", "/none/t.parquet"}) {
        const auto reader = open_table({name, FileFormat::Auto, {}});
        ASSERT_FALSE(reader);
        EXPECT_THAT(reader.error().message, HasSubstr(name));
    }
}

TEST(Reader, csv_cells_are_texts_and_empty_ones_missing) {
    TemporaryFolder folder;
    folder.write("t.csv", "\xEF\xBB\xBF\"a\"\"b\",c,d\n\"x, \"\"y\"\"\",,3\n1,2,\n");
    const auto path = (folder.path() / "t.csv").string();
    EXPECT_THAT(column_names({path, FileFormat::Auto, {}}).value(), ElementsAre("a\"b", "c", "d"));
    auto reader = open_table({path, FileFormat::Auto, {"d", "a\"b"}});
    ASSERT_TRUE(reader) << reader.error().message;
    const auto batch = (*reader)->next().value();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->table.columns[0].name, "d");
    EXPECT_THAT(texts_in(batch->table.columns[0]), ElementsAre("3", ""));
    EXPECT_THAT(batch->table.columns[0].valid, ElementsAre(1, 0));
    EXPECT_THAT(texts_in(batch->table.columns[1]), ElementsAre("x, \"y\"", "1"));
}

TEST(Reader, rows_keep_their_numbers_around_unreadable_ones) {
    TemporaryFolder folder;
    folder.write("t.csv", "a,b\n1,2\n3\n4,5\n6,7,8\n9,10\n");
    auto reader = open_table({(folder.path() / "t.csv").string(), FileFormat::Auto, {}});
    const auto batch = (*reader)->next().value();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->unreadable.size(), 2U);
    EXPECT_EQ(batch->unreadable[0].row, 1U);
    EXPECT_EQ(batch->unreadable[1].row, 3U);
    EXPECT_THAT(batch->row_numbers, ElementsAre(0U, 2U, 4U));
}

TEST(Reader, ndjson_takes_what_is_there) {
    TemporaryFolder folder;
    folder.write("t.jsonl", "{\"a\": true, \"b\": [1, \"x\"]}\r\n{\"b\": null, \"c\": 18446744073709551615}\n{\"a\": 0.1}");
    auto reader = open_table({(folder.path() / "t.jsonl").string(), FileFormat::Auto, {}});
    ASSERT_TRUE(reader) << reader.error().message;
    const auto batch = (*reader)->next().value();
    ASSERT_TRUE(batch);
    EXPECT_THAT(texts_in(*batch->table.find("a")), ElementsAre("true", "", "0.1"));
    EXPECT_THAT(texts_in(*batch->table.find("b")), ElementsAre("[1,\"x\"]", "", ""));
    EXPECT_THAT(texts_in(*batch->table.find("c")), ElementsAre("", "18446744073709551615", ""));
    EXPECT_THAT(batch->table.find("a")->valid, ElementsAre(1, 0, 1));
}

TEST(ExpandPath, lists_matches_by_name_and_a_folder_without_its_hidden_files) {
    TemporaryFolder folder;
    for (const auto* name : {"p/b.csv", "p/a.csv", "p/_SUCCESS", "p/.crc", "p/c.parquet", "p/deep/d.csv"}) folder.write(name, "");
    const auto names = [&](const std::string& pattern) {
        std::vector<std::string> found;
        const std::vector<std::string> paths = expand_path(pattern, folder.path()).value();
        for (const auto& path : paths) found.push_back(std::filesystem::path(path).filename().string());
        return found;
    };
    EXPECT_THAT(names("p/*.csv"), ElementsAre("a.csv", "b.csv"));
    EXPECT_THAT(names("p/?.csv"), ElementsAre("a.csv", "b.csv"));
    EXPECT_THAT(names("p"), ElementsAre("a.csv", "b.csv", "c.parquet"));
    EXPECT_THAT(names((folder.path() / "p/a.csv").string()), ElementsAre("a.csv"));
    EXPECT_THAT(names("p/*"), ElementsAre("a.csv", "b.csv", "c.parquet"));
    EXPECT_EQ(expand_path("p/*.txt", folder.path()).error().message, (folder.path() / "p/*.txt").string() + ": no file matches");
    EXPECT_EQ(expand_path("none.csv", folder.path()).error().message, (folder.path() / "none.csv").string() + ": no such file");
    EXPECT_EQ(expand_path("p/*.txt", folder.path()).error().code, ErrorCode::NotFound);
    EXPECT_THAT(expand_path("s3://bucket/a*b/c.csv", folder.path()).error().message, HasSubstr("last part"));
    EXPECT_THAT(expand_path("*/a.csv", folder.path()).error().message, HasSubstr("last part"));
}

}  // namespace
}  // namespace shortlist::data
