// Broken data files, a test each: no crash, one clear error or a count of bad rows, and the former data as they were.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/importer.h"
#include "engine/data/log.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

constexpr std::string_view kHeader = "user,item,time,type,value\n";
constexpr std::string_view kRow = "a,x,1650000001,watch,1\n";

/// A gzip file of `text`, made by hand: one stored block (RFC 1951, section 3.2.4), so that the test needs no compressor.
std::string gzip_of(const std::string& text) {
    std::uint32_t crc = ~0U;
    for (const char byte : text) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    crc = ~crc;
    const auto little = [](std::uint32_t value, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 255U);
        return out;
    };
    const auto size = static_cast<std::uint32_t>(text.size());
    return std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10) + '\x01' + little(size, 2) + little(~size, 2) + text + little(crc, 4) + little(size, 4);
}

ColumnBatch good_table() {
    ColumnBatch batch;
    batch.rows = 100;
    StringColumn users;
    StringColumn types;
    std::vector<std::int64_t> items;
    std::vector<std::int64_t> times;
    for (std::int64_t i = 0; i < 100; ++i) {
        users.push_back("user" + std::to_string(i));
        types.push_back("watch");
        items.push_back(i);
        times.push_back(1650000000 + i);
    }
    batch.columns.push_back({"user", users, {}, false});
    batch.columns.push_back({"item", items, {}, false});
    batch.columns.push_back({"time", times, {}, false});
    batch.columns.push_back({"type", types, {}, false});
    batch.columns.push_back({"value", std::vector<double>(100, 1.0), {}, false});
    return batch;
}

class BadFile : public testing::Test {
protected:
    BadFile() {
        folder.write("good.csv", std::string(kHeader) + std::string(kRow));
        EXPECT_TRUE(import("good.csv"));
        before = folder.contents("log");
    }
    Result<ImportReport> import(const std::string& name) {
        DataConfig config;
        config.events.path = {name};
        config.events.columns.user = "user";
        config.events.columns.item = "item";
        config.events.columns.time.column = "time";
        config.events.columns.type = "type";
        config.events.columns.value = "value";
        ImportOptions options;
        options.clock = &clock;
        return import_data(config, folder.path(), options);
    }
    /// Imports a file of these bytes, expects an error that holds `message`, and the log as it was.
    void expect_error(const std::string& name, const std::string& bytes, const std::string& message) {
        folder.write(name, bytes);
        const auto report = import(name);
        ASSERT_FALSE(report);
        EXPECT_THAT(report.error().message, HasSubstr(message));
        EXPECT_LT(report.error().message.size(), 2000U);
        EXPECT_EQ(folder.contents("log"), before);
        EXPECT_EQ(load_dataset(folder.path())->events.size(), 1U);
    }
    std::string parquet_bytes() {
        EXPECT_TRUE(write_parquet(folder.path() / "table.parquet", good_table()));
        return folder.read("table.parquet");
    }
    void expect_table_error(const ColumnBatch& table, const std::string& message) {
        ASSERT_TRUE(write_parquet(folder.path() / "table.parquet", table));
        expect_error("bad.parquet", folder.read("table.parquet"), message);
    }

    TemporaryFolder folder;
    base::ManualClock clock{1'700'000'000 * kSecondUs};
    std::map<std::string, std::string> before;
};

TEST_F(BadFile, that_is_not_there) {
    const auto report = import("none.csv");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::NotFound);
    EXPECT_THAT(report.error().message, HasSubstr("none.csv: no such file"));
    EXPECT_EQ(folder.contents("log"), before);
}
TEST_F(BadFile, empty_csv) { expect_error("bad.csv", "", "bad.csv: the file is empty"); }
TEST_F(BadFile, empty_ndjson) { expect_error("bad.ndjson", "", "is not an NDJSON file, or it is empty"); }
TEST_F(BadFile, empty_parquet) { expect_error("bad.parquet", "", "bad.parquet"); }
TEST_F(BadFile, csv_of_a_header_only) { expect_error("bad.csv", std::string(kHeader), "the files hold no event"); }
TEST_F(BadFile, csv_without_a_header) { expect_error("bad.csv", std::string(kRow), "there is no column 'user'"); }
TEST_F(BadFile, csv_with_a_column_twice) {
    expect_error("bad.csv", "user,user,item,time,type,value\na,a,x,1,watch,1\n", "column 'user' stands twice");
}
TEST_F(BadFile, csv_of_nul_bytes) { expect_error("bad.csv", std::string(4096, '\0'), "NUL bytes"); }
TEST_F(BadFile, csv_with_nul_bytes_in_ids) {
    expect_error("bad.csv", std::string(kHeader) + std::string("a\0b,x,1650000001,watch,1\n", 25), "1 NUL byte");
}
TEST_F(BadFile, csv_with_a_line_of_ten_megabytes) {
    expect_error("bad.csv", std::string(kHeader) + std::string(10 << 20, 'a') + ",x,1650000001,watch,1\n", "1 longer than 256 bytes");
}
TEST_F(BadFile, csv_whose_rows_have_other_numbers_of_columns) {
    expect_error("bad.csv", std::string(kHeader) + "a,x\na\na,x,1650000001,watch,1,2,3\n", "3 wrong number of columns");
}
TEST_F(BadFile, csv_with_a_quote_that_never_ends) {
    expect_error("bad.csv", std::string(kHeader) + "\"a,x,1650000001,watch,1\n", "1 wrong number of columns");
}
TEST_F(BadFile, csv_with_invalid_utf8) { expect_error("bad.csv", std::string(kHeader) + "\xc3\x28,x,1650000001,watch,1\n", "1 invalid UTF-8"); }
TEST_F(BadFile, csv_with_texts_for_times) { expect_error("bad.csv", std::string(kHeader) + "a,x,soon,watch,1\n", "1 not a time"); }
TEST_F(BadFile, csv_with_numbers_past_every_range) {
    expect_error("bad.csv", std::string(kHeader) + "a,x,99999999999999999999999,watch,1\na,x,1650000001,watch,1e999\n",
                 "1 NaN or infinite, 1 out of range");
}
TEST_F(BadFile, gzip_cut_short) {
    const std::string whole = gzip_of(std::string(kHeader) + std::string(kRow));
    folder.write("whole.csv.gz", whole);
    ASSERT_TRUE(import("whole.csv.gz")) << "the whole file must import, or the cut one shows nothing";
    expect_error("bad.csv.gz", whole.substr(0, whole.size() - 20), "bad.csv.gz");
}
TEST_F(BadFile, gzip_that_is_none) { expect_error("bad.csv.gz", std::string(kHeader) + std::string(kRow), "bad.csv.gz"); }
TEST_F(BadFile, parquet_cut_short) {
    const auto bytes = parquet_bytes();
    expect_error("bad.parquet", bytes.substr(0, bytes.size() / 2), "bad.parquet");
}
TEST_F(BadFile, parquet_that_is_a_csv) { expect_error("bad.parquet", std::string(kHeader) + std::string(kRow), "bad.parquet"); }
TEST_F(BadFile, parquet_with_a_byte_changed_anywhere) {
    const auto bytes = parquet_bytes();
    for (std::size_t i = 0; i < bytes.size(); i += 23) {
        auto changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 0x5A);
        folder.write("bad.parquet", changed);
        const auto report = import("bad.parquet");  // some bytes do not matter, and some change a value
        if (report)
            EXPECT_LE(report->events_kept, 100U) << i;
        else
            EXPECT_THAT(report.error().message, testing::AnyOf(HasSubstr("bad.parquet"), HasSubstr("rows are bad"))) << i;
    }
    EXPECT_TRUE(load_dataset(folder.path()));
}
TEST_F(BadFile, parquet_with_texts_for_numbers) {
    auto table = good_table();
    table.columns[4].values = std::get<StringColumn>(table.columns[0].values);
    expect_table_error(table, "100 not a number");
}
TEST_F(BadFile, parquet_with_lists_for_ids) {
    auto table = good_table();
    StringListColumn lists;
    for (int i = 0; i < 100; ++i) {
        lists.strings.push_back("a");
        lists.offsets.push_back(lists.strings.size());
    }
    table.columns[0].values = lists;
    expect_table_error(table, "100 missing id");
}
TEST_F(BadFile, parquet_with_times_that_are_no_numbers) {
    auto table = good_table();
    table.columns[2].values = std::vector<float>(100, std::numeric_limits<float>::quiet_NaN());
    expect_table_error(table, "100 NaN or infinite");
}
TEST_F(BadFile, ndjson_with_lines_that_are_not_objects) {
    expect_error("bad.ndjson", "{\"user\":\"a\",\"item\":\"x\",\"time\":1650000001,\"type\":\"watch\",\"value\":1}\n[1]\n{\"user\":\nnull\n",
                 "3 not a JSON object");
}
TEST_F(BadFile, ndjson_of_a_hundred_thousand_brackets) { expect_error("bad.ndjson", std::string(100'000, '['), "is not an NDJSON file"); }
TEST_F(BadFile, ndjson_with_objects_for_ids) {
    expect_error("bad.ndjson",
                 "{\"user\":{\"id\":\"" + std::string(300, '1') + "\"},\"item\":\"x\",\"time\":1650000001,\"type\":\"watch\",\"value\":1}\n",
                 "1 longer than 256 bytes");
}
TEST_F(BadFile, of_a_format_that_its_name_does_not_tell) { expect_error("bad.xls", "PK", "say format: parquet, csv, ndjson, gorse or metarank"); }

}  // namespace
}  // namespace shortlist::data
