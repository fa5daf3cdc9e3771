#include "engine/project/project_data.h"

#include <algorithm>

#include "engine/base/rfc3339.h"
#include "engine/base/text.h"
#include "engine/data/log.h"
#include "engine/data/time_travel.h"

namespace shortlist::project {

Result<data::Dataset> load_project_data(const Project& project) {
    SHORTLIST_ASSIGN(auto data, data::load_dataset(project.folder));
    if (data.events.size() == 0) return base::failed_precondition("the project has no events yet: run `shortlist import` first");
    return data;
}

Result<data::Dataset> load_project_data(const Project& project, const AsOf& as_of) {
    SHORTLIST_ASSIGN(auto data, load_project_data(project));
    if (as_of.text.empty()) return data;
    const std::string option = as_of.option + ": ";
    const auto time = base::parse_rfc3339(as_of.text);
    if (!time) return base::invalid_argument(option + "must be a time such as 2026-01-31T12:00:00Z; got '" + base::printable(as_of.text) + "'");
    if (data.time_form != data::TimeForm::Column) return base::invalid_argument(option + "the events have no times (data.events.columns.time)");
    const TimeUs first = *std::ranges::min_element(data.events.time);
    data::cut_behind(*time, data);
    if (data.events.size() > 0) return data;
    return base::invalid_argument(option + "nothing had happened by " + base::format_time(*time) + "; the first event is of " +
                                  base::format_time(first));
}

}  // namespace shortlist::project
