#include "engine/pipeline/snapshots.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/state_file.h"

namespace shortlist::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".snapshot";
constexpr std::size_t kKept = 2;  // the one in use and the one before, for a rollback

fs::path snapshot_path(const fs::path& project_folder, const data::Bundle& bundle, bool shared_users) {
    // Digests of all files of the models: a bundle of the same name may be another one.
    std::string files;
    for (const auto& [path, file] : bundle.manifest.files) files += path + ' ' + file.sha256 + '\n';
    const auto digest = data::digest_of_state([&](base::ByteWriter& out) { out.put_text(files); });
    return project_folder / "state" / (bundle.manifest.name + '-' + digest.substr(0, 16) + (shared_users ? "-shared" : "") + std::string(kSuffix));
}

void remove_oldest(const fs::path& folder) {
    std::vector<std::pair<fs::file_time_type, fs::path>> snapshots;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        std::error_code gone;
        if (entry.path().extension() == kSuffix) snapshots.emplace_back(entry.last_write_time(gone), entry.path());
    }
    std::ranges::sort(snapshots, std::greater());
    for (std::size_t s = kKept; s < snapshots.size(); ++s) fs::remove(snapshots[s].second, code);
}

}  // namespace

Status save_snapshot(const fs::path& project_folder, const data::Bundle& bundle, const LogPlace& place, const LogState& state,
                     const SnapshotOptions& options) {
    const auto path = snapshot_path(project_folder, bundle, options.shared_users);
    SHORTLIST_TRY(data::save_state_file(path, [&](base::ByteWriter& out) {
        out.put_text(place.epoch);
        out.put(place.offset);
        state.save(out);
    }));
    remove_oldest(path.parent_path());
    return {};
}

Result<Snapshot> load_snapshot(const fs::path& project_folder, const data::Bundle& bundle, const std::function<bool(const LogPlace&)>& fits,
                               const SnapshotOptions& options) {
    Snapshot snapshot;
    const auto path = snapshot_path(project_folder, bundle, options.shared_users);
    SHORTLIST_ASSIGN(auto opened, data::OpenStateFile::open(path));
    const auto file = std::make_shared<const data::OpenStateFile>(std::move(opened));
    auto bound = options.user_bound;
    bound.read_again = [file](std::uint64_t position, std::span<char> into) { return file->read_at(position, into); };
    SHORTLIST_TRY(file->read([&](base::ByteReader& in) -> Status {
        snapshot.place.epoch = in.take_text();
        snapshot.place.offset = in.take<std::uint64_t>();
        if (!fits(snapshot.place)) return base::failed_precondition(path.string() + ": of another log");
        SHORTLIST_ASSIGN(snapshot.state,
                         LogState::restore(
                             in, [&bundle](const data::Dataset& catalogue) { return ServingModels::load(bundle, "", catalogue); }, bound));
        return {};
    }));
    return snapshot;
}

}  // namespace shortlist::pipeline
