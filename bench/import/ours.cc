// Our side: imports a Parquet file of events into a fresh project, one thread, and prints seconds as JSON.
// usage: bench_import EVENTS.parquet FOLDER     leaves FOLDER/imported.parquet for the comparison of results
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

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

Status run(const std::string& events, const std::filesystem::path& folder) {
    const base::SystemClock clock;
    data::ImportOptions options;
    options.clock = &clock;
    const auto project = folder / "project";
    std::filesystem::remove_all(project);
    SHORTLIST_ASSIGN(const auto report, data::import_data(config_for(events), project, options));
    const double start = base::monotonic_seconds();
    SHORTLIST_ASSIGN(const auto dataset, data::load_dataset(project));
    const double load = base::monotonic_seconds() - start;
    SHORTLIST_TRY(data::write_parquet(folder / "imported.parquet", table_of(dataset)));
    std::printf("{\"import\": %f, \"load\": %f}\n", report.seconds, load);
    return {};
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: bench_import EVENTS.parquet FOLDER\n");
        return 2;
    }
    const auto status = run(arguments[1], arguments[2]);
    if (!status) std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return status ? 0 : 1;
}
