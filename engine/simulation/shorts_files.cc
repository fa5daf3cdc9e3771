#include "engine/simulation/shorts_files.h"

#include <system_error>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/simulation/shorts_oracle.h"

namespace shortlist::simulation {

Status write_shorts(const ShortsWorld& world, const std::filesystem::path& folder) {
    const std::filesystem::path truth = folder / kShortsTruthPath;
    std::error_code failure;
    std::filesystem::create_directories(truth.parent_path(), failure);
    if (failure) return base::unavailable("cannot make the folder " + truth.parent_path().string() + ": " + failure.message());
    SHORTLIST_TRY(data::write_parquet(folder / "events.parquet", world.events));
    SHORTLIST_TRY(data::write_parquet(folder / "videos.parquet", world.videos));
    SHORTLIST_TRY(data::write_parquet(folder / "users.parquet", world.users));
    return save_truth(world.truth, truth);
}

}  // namespace shortlist::simulation
