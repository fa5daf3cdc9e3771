#include "engine/project/library_versions.h"

namespace shortlist::project {

std::vector<std::pair<std::string, std::string>> library_versions() {
    return {{"arrow", SHORTLIST_ARROW_VERSION}, {"lightgbm", SHORTLIST_LIGHTGBM_VERSION}, {"rocksdb", SHORTLIST_ROCKSDB_VERSION}};
}

}  // namespace shortlist::project
