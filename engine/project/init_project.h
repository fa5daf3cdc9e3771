/// `shortlist init`: a commented project file from a look at data. Asks nothing; says what it guessed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/project/mapping_guess.h"

namespace shortlist::project {

struct InitOptions {
    data::FileFormat from = data::FileFormat::Auto;
    std::string events;
    std::string items;
    std::string users;
    std::string name;
    MappingHints columns;
    bool force = false;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("events", events, base::text(1, 4096),
                         "File of events: CSV, Parquet or JSON lines, a pattern, or s3://; or what --from names.");
        v.field("from", from,
                base::one_of<data::FileFormat>(
                    {{"files", data::FileFormat::Auto}, {"gorse", data::FileFormat::Gorse}, {"metarank", data::FileFormat::Metarank}}),
                "gorse: the events file is a Gorse server's dump; metarank: a file of Metarank's events. Either holds items and users, too.");
        v.field("items", items, base::text(0, 4096), "File of items and their attributes.");
        v.field("users", users, base::text(0, 4096), "File of users and their attributes.");
        v.field("name", name, base::text(0, 64), "Name of the project; the folder's by default.");
        v.field("user", columns.user, base::text(0, 256), "Column of the user's id, where it is not guessed right.");
        v.field("item", columns.item, base::text(0, 256), "Column of the item's id.");
        v.field("time", columns.time, base::text(0, 256), "Column of the time.");
        v.field("type", columns.type, base::text(0, 256), "Column of the event's type.");
        v.field("value", columns.value, base::text(0, 256), "Column of the event's amount.");
        v.field("event_id", columns.event_id, base::text(0, 256), "Column of an id of the event.");
        v.field("force", force, base::any<bool>(), "Write over a project file that is there.");
    }
};

struct InitReport {
    std::filesystem::path file;
    std::string text;            ///< Of the project file.
    std::vector<Guess> guesses;  ///< Whose `what` begins with the part of the data it is about: `events: user`.
};

/// Looks at the files, writes `folder`/shortlist.yaml, and reports. Paths of the options start at the current folder.
/// Errors: AlreadyExists without force; NotFound; InvalidArgument where ids cannot be told from the columns; Unavailable (disk).
[[nodiscard]] Result<InitReport> init_project(const std::filesystem::path& folder, const InitOptions& options);

}  // namespace shortlist::project
