/// A project that tests import into. Private to the tests of engine/data.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/arrow/reader.h"
#include "engine/data/importer.h"
#include "engine/data/log.h"
#include "engine/data/temporary_folder_internal.h"

namespace shortlist::data {

inline constexpr TimeUs kNow = 1'700'000'000 * kSecondUs;

/// A project with long-form events in events.csv, imported at kNow.
class ImportTest : public testing::Test {
protected:
    ImportTest() {
        config.events.path = {"events.csv"};
        config.events.columns.user = "user";
        config.events.columns.item = "item";
        config.events.columns.time.column = "time";
        config.events.columns.type = "type";
        config.events.columns.value = "value";
        options.clock = &clock;
    }
    Result<ImportReport> import() { return import_data(config, folder.path(), options); }
    ImportReport import_events(std::string_view csv) {
        folder.write("events.csv", csv);
        auto report = import();
        EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
        return report.value_or(ImportReport{});
    }
    std::string import_error() {
        const auto report = import();
        return report ? "no error" : report.error().message;
    }
    Dataset load() {
        auto data = load_dataset(folder.path());
        EXPECT_TRUE(data.has_value()) << (data ? "" : data.error().message);
        return data.value_or(Dataset{});
    }
    static std::vector<std::string> users_of(const Dataset& data) {
        std::vector<std::string> users;
        for (const auto row : data.events.user) users.emplace_back(data.users.ids[row]);
        return users;
    }
    static std::vector<std::string> types_of(const Dataset& data) {
        std::vector<std::string> types;
        for (const auto code : data.events.type) types.emplace_back(data.events.types[code]);
        return types;
    }
    /// Files of the project whose bytes, or whose Parquet columns, hold the text.
    std::vector<std::string> files_with(std::string_view text) {
        std::vector<std::string> found;
        for (const auto& [path, bytes] : folder.contents("")) {
            bool holds = bytes.find(text) != std::string::npos;
            if (path.ends_with(".parquet")) {
                const auto reader = open_table({(folder.path() / path).string(), FileFormat::Parquet, {}}).value();
                while (const auto batch = reader->next().value()) {
                    for (const auto& column : batch->table.columns) {
                        if (const auto* coded = std::get_if<CodedColumn>(&column.values))
                            holds = holds || coded->values.bytes.find(text) != std::string::npos;
                        if (const auto* lists = std::get_if<StringListColumn>(&column.values))
                            holds = holds || lists->strings.bytes.find(text) != std::string::npos;
                    }
                }
            }
            if (holds) found.push_back(path);
        }
        return found;
    }

    TemporaryFolder folder;
    base::ManualClock clock{kNow};
    DataConfig config;
    ImportOptions options;
};

}  // namespace shortlist::data
