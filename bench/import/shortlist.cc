// The contender `shortlist`: imports a Parquet file of events into fresh projects, one thread, and prints seconds as JSON.
// usage: import_bench EVENTS.parquet FOLDER ROUNDS     leaves FOLDER/imported.parquet for the comparison of results
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/importer.h"
#include "engine/data/log.h"

namespace {

using namespace shortlist;

data::DataConfig config_for(const std::string& events) {
    data::DataConfig config;
    config.events.path = {events};
    config.events.columns.user = "user_id";
    config.events.columns.item = "item_id";
    config.events.columns.time.column = "time_ms";
    config.events.columns.type = "event";
    config.events.columns.value = "value";
    return config;
}

/// What the log holds, as a table like the one that was imported.
data::ColumnBatch table_of(const data::Dataset& dataset) {
    data::StringColumn users;
    data::StringColumn items;
    data::StringColumn types;
    for (std::size_t i = 0; i < dataset.events.size(); ++i) {
        users.push_back(dataset.users.ids[dataset.events.user[i]]);
        items.push_back(dataset.items.ids[dataset.events.item[i]]);
        types.push_back(dataset.events.types[dataset.events.type[i]]);
    }
    data::ColumnBatch table;
    table.rows = dataset.events.size();
    table.columns.push_back({"user_id", std::move(users), {}, false});
    table.columns.push_back({"item_id", std::move(items), {}, false});
    table.columns.push_back({"time_us", dataset.events.time, {}, false});
    table.columns.push_back({"event", std::move(types), {}, false});
    table.columns.push_back({"value", dataset.events.value, {}, false});
    return table;
}

Status run(const std::string& events, const std::filesystem::path& folder, int rounds) {
    const base::SystemClock clock;
    data::ImportOptions options;
    options.clock = &clock;
    std::string imports;
    std::string loads;
    for (int round = 0; round < rounds; ++round) {
        const auto project = folder / ("project-" + std::to_string(round));
        SHORTLIST_ASSIGN(const auto report, data::import_data(config_for(events), project, options));
        const double start = base::monotonic_seconds();
        SHORTLIST_ASSIGN(const auto dataset, data::load_dataset(project));
        imports += (round > 0 ? ", " : "") + std::to_string(report.seconds);
        loads += (round > 0 ? ", " : "") + std::to_string(base::monotonic_seconds() - start);
        if (round == 0) SHORTLIST_TRY(data::write_parquet(folder / "imported.parquet", table_of(dataset)));
    }
    std::printf("{\"import_seconds\": [%s], \"load_seconds\": [%s]}\n", imports.c_str(), loads.c_str());
    return {};
}

}  // namespace

int main(int count, char** arguments) {
    int rounds = 0;
    if (count == 4) {
        const std::string_view text = arguments[3];
        std::from_chars(text.data(), text.data() + text.size(), rounds);
    }
    if (rounds < 1) {
        std::fprintf(stderr, "usage: import_bench EVENTS.parquet FOLDER ROUNDS\n");
        return 2;
    }
    const auto status = run(arguments[1], arguments[2], rounds);
    if (!status) std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return status ? 0 : 1;
}
