/// `shortlist export`: a project's log and catalogue as a project of plain files.
#pragma once

#include <string>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/data/exporter.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

struct ExportProjectOptions {
    std::string out;
    data::ExportFormat format = data::ExportFormat::Parquet;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("out", out, base::text(1, 4096), "Folder to write, from the current one; it must not be there yet, or be empty.");
        v.field("format", format,
                base::one_of<data::ExportFormat>({{"parquet", data::ExportFormat::Parquet}, {"ndjson", data::ExportFormat::Ndjson}}),
                "Form of the files.");
    }
};

/// Writes data::export_data() to the folder, with a project file that reads it: the project's own, its `data` replaced, and its signals
/// written out. `shortlist import` there makes a log of the same events and the same catalogue.
/// Errors: as data::export_data().
[[nodiscard]] Result<data::ExportReport> export_project(const Project& project, const ExportProjectOptions& options);

}  // namespace shortlist::project
