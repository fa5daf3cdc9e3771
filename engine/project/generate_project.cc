#include "engine/project/generate_project.h"

#include <fstream>
#include <system_error>

#include "engine/base/clock.h"
#include "engine/project/project_config.h"
#include "engine/simulation/shorts.h"
#include "engine/simulation/shorts_files.h"

namespace shortlist::project {

namespace fs = std::filesystem;

std::string_view shorts_project_text() {
    return R"(# A generated world of short videos. 'shortlist config print' shows every option and its default.
name: shorts
data:
  events:
    path: data/events.parquet
    columns: {user: user_id, item: video_id, time: time_ms, type: event, value: value, request_id: request_id, position: position}
    context: [device]
  items:
    path: data/videos.parquet
    id: video_id
    attributes: {category: category, creator: category, duration_ms: number, uploaded_at: time, language: category, title: text}
  users:
    path: data/users.parquet
    id: user_id
    attributes: {country: category, age: number, signup_at: time}
signals:
  watched: {type: watch, value: {at_least: 0.5}, weight: 1}
  liked: {type: like, weight: 3}
  skipped: {type: skip, weight: -1}
split: {by: time, test: 1d, validation: 1d}
features: auto
retrievers:
  - {name: taste, kind: ials, signal: watched, embedding_size: 64, candidates: 300}
  - {name: trending, kind: popularity, signal: watched, half_life: 12h, candidates: 100}
  - {name: similar, kind: item_to_item, signal: watched, candidates: 100}
ranker: {kind: lightgbm, objective: lambdarank, trees: 300, leaves: 31}
surfaces:
  shorts: {size: 20, diversity: {kind: mmr, weight: 0.3}, hide_seen: 7d}
serve: {listen: 127.0.0.1:8080}
)";
}

Result<GenerateReport> generate_shorts_project(const fs::path& folder, const simulation::ShortsConfig& config, bool with_statistics,
                                               ThreadPool& pool) {
    const double start = base::monotonic_seconds();
    GenerateReport report;
    report.data_folder = folder / "data";
    SHORTLIST_ASSIGN(const auto world, simulation::generate_shorts(config, pool));
    SHORTLIST_TRY(simulation::write_shorts(world, report.data_folder));
    const fs::path file = folder / kProjectFile;
    std::error_code code;
    if (!fs::exists(file, code)) {
        std::ofstream stream(file, std::ios::binary);
        stream << shorts_project_text();
        stream.close();
        if (!stream) return base::unavailable("cannot write '" + file.string() + "'");
        report.wrote_project_file = true;
    }
    report.users = world.users.rows;
    report.items = world.videos.rows;
    report.events = world.events.rows;
    if (with_statistics) report.statistics = simulation::describe_shorts(world);
    report.seconds = base::monotonic_seconds() - start;
    return report;
}

}  // namespace shortlist::project
