#include "engine/project/project_data.h"

#include "engine/data/log.h"

namespace shortlist::project {

Result<data::Dataset> load_project_data(const Project& project) {
    SHORTLIST_ASSIGN(auto data, data::load_dataset(project.folder));
    if (data.events.size() == 0) return base::failed_precondition("the project has no events yet: run `shortlist import` first");
    return data;
}

}  // namespace shortlist::project
