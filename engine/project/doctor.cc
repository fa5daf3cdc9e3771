#include "engine/project/doctor.h"

#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "engine/base/process_memory.h"
#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"
#include "engine/data/log.h"
#include "engine/data/signals.h"
#include "engine/features/shared_state.h"
#include "engine/features/user_state.h"
#include "engine/kernels/cpu.h"
#include "engine/pipeline/shared_users.h"
#include "engine/project/folder_size_internal.h"
#include "engine/project/library_versions.h"
#include "engine/project/project_config.h"
#include "engine/project/project_state.h"
#include "engine/project/yaml.h"

namespace shortlist::project {

namespace {

namespace fs = std::filesystem;

void look_at_machine(Checkup& checkup) {
    auto& out = checkup.findings;
    out.push_back({"compiler", __VERSION__});
    for (const auto& [library, version] : library_versions()) out.push_back({library, version});
    out.push_back({"processor level", std::string(kernels::name_of(kernels::detected_cpu_level()))});
    if (const auto level = kernels::choose_cpu_level(); !level) {
        out.push_back({"SHORTLIST_CPU", level.error().message, /*problem=*/true});
    } else if (*level != kernels::detected_cpu_level()) {
        out.push_back({"SHORTLIST_CPU", std::string(kernels::name_of(*level))});
    }
    out.push_back({"threads", std::to_string(std::thread::hardware_concurrency())});
    struct sysinfo memory {};
    if (sysinfo(&memory) == 0) {
        out.push_back({"memory", base::format_bytes(std::uint64_t{memory.totalram} * memory.mem_unit)});
        out.push_back({"memory free", base::format_bytes(std::uint64_t{memory.freeram} * memory.mem_unit)});
    }
    out.push_back({"memory of this process", base::format_bytes(base::peak_memory_bytes())});
}

void look_at_disk(Checkup& checkup, const fs::path& folder) {
    constexpr std::uint64_t kLow = std::uint64_t{256} << 20;
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0) return;
    const std::uint64_t available = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    checkup.findings.push_back({"disk free", base::format_bytes(available), available < kLow});
}

void look_at_sizes(Checkup& checkup, const fs::path& folder) {
    for (const char* part : {"data", "log", "bundles", "state"}) {
        std::error_code code;
        if (!fs::is_directory(folder / part, code)) continue;
        checkup.findings.push_back({std::string("size of ") + part, base::format_bytes(bytes_below(folder / part))});
    }
}

void look_at_bundle(Checkup& checkup, const fs::path& bundles) {
    const auto bundle = data::current_bundle(bundles);
    checkup.findings.push_back({"bundle in force", bundle ? *bundle : "none"});
    if (!bundle) return;
    const auto opened = data::open_bundle(bundles, *bundle);
    if (!opened) checkup.findings.push_back({"bundle " + *bundle, opened.error().message, /*problem=*/true});
}

void look_at_stores(Checkup& checkup, const ServeConfig& serve) {
    auto& out = checkup.findings;
    if (const auto& kafka = serve.kafka; kafka.used()) {
        std::vector<std::string> topics;
        for (const auto* list : {&kafka.events, &kafka.items, &kafka.users}) topics.insert(topics.end(), list->begin(), list->end());
        if (!kafka.lists.empty()) out.push_back({"kafka lists", kafka.lists});
        out.push_back({"kafka", base::join(topics) + " from " + base::join(kafka.brokers) + ", group " + kafka.group});
    }
    if (serve.redis.used()) out.push_back({"redis", serve.redis.address});
}

// Returns the limits that the project sets; the defaults without one.
ProjectConfig look_at_project(Checkup& checkup, const fs::path& folder) {
    auto& out = checkup.findings;
    const ProjectState state = project_state(folder);
    if (!state.has_file) {
        out.push_back({"project", "none in this folder or above"});
        return {};
    }
    out.push_back({"project", state.folder.string()});
    const auto project = load_project(state.folder);
    out.push_back({"project file", project ? "reads" : project.error().message, !project});
    if (project) {
        if (const auto files = check_files(*project); !files) out.push_back({"data files", files.error().message, /*problem=*/true});
    }
    look_at_sizes(checkup, state.folder);
    look_at_bundle(checkup, state.folder / "bundles");
    look_at_disk(checkup, state.folder);
    if (!project) return {};
    look_at_stores(checkup, project->config.serve);
    return project->config;
}

void list_limits(Checkup& checkup, const ProjectConfig& config) {
    const ServeConfig& serve = config.serve;
    const auto add = [&](const char* what, const std::string& limit, const std::string& cost) { checkup.limits.push_back({what, limit, cost}); };
    add("ids of users and items", base::format_count(kNoRow), "about 80 B beside its text");
    add("event ids remembered by the writer", base::format_count(config.log.id_horizon), "48 B");
    add("records of the live tail", base::format_count(data::kTailRecordsMax), "on disk");
    add("memory for users' own state", serve.user_bytes == 0 ? "none" : base::format_bytes(serve.user_bytes),
        "104 B a user and what follows; past it on disk, and 100 B");
    add("items of a user's past", base::format_count(features::kHistoryMax), "16 B");
    add("events in a user's windows", base::format_count(features::kRecentMax), "12 B");
    add("pairs of a user with categories, creators or items", base::format_count(features::kUserPairsMax) + " a table", "8 B, 4 B a number kept");
    add("state of an item or a category", "1 a table", "8 B a number kept");
    add("pairs of those with kinds of users or contexts", base::format_count(features::SharedState::kPairedCodesMax), "16 B, 4 B a number kept");
    add("signals", std::to_string(data::kSignalsMax - 1), "1 bit an event");
    add("files of a bundle", base::format_count(data::kBundleFilesMax), "manifest of at most " + base::format_bytes(data::kManifestBytesMax));
    add("project file", base::format_bytes(kYamlBytesMax), std::to_string(kYamlDepthMax) + " levels deep");
    add("connections", base::format_count(serve.connections),
        "header " + base::format_bytes(serve.header_bytes) + ", body " + base::format_bytes(serve.body_bytes));
    add("requests that wait for the disk", base::format_count(serve.queue), "one body");
    if (serve.redis.used()) add("events that wait for the shared store", base::format_count(pipeline::SharedUsers::kUnwrittenMax), "about 500 B");
    if (serve.kafka.used()) add("events that wait for other partitions", base::format_count(serve.kafka.held), "about 500 B");
    add("items of a request", base::format_count(serve.k_max), "id of at most " + std::to_string(serve.id_bytes) + " B");
}

}  // namespace

bool Checkup::healthy() const noexcept {
    return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.problem; });
}

Checkup run_doctor(const fs::path& folder) {
    Checkup checkup;
    look_at_machine(checkup);
    list_limits(checkup, look_at_project(checkup, folder));
    return checkup;
}

}  // namespace shortlist::project
