#include "engine/project/init_project.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "engine/base/config_writer.h"
#include "engine/base/text.h"
#include "engine/data/catalogue.h"
#include "engine/project/project_config.h"
#include "engine/project/yaml_text.h"

namespace shortlist::project {

namespace {

namespace fs = std::filesystem;

// How the project file names a file: from its own folder where it lies below it.
std::string path_from(const fs::path& folder, const std::string& path) {
    if (path.starts_with("s3://")) return path;
    std::error_code code;
    const fs::path whole = fs::weakly_canonical(fs::absolute(path), code);
    const fs::path relative = whole.lexically_relative(fs::weakly_canonical(fs::absolute(folder), code));
    return relative.empty() || relative.string().starts_with("..") ? whole.string() : relative.string();
}

class ProjectText {
public:
    void line(const std::string& text = "") { out += text + "\n"; }
    // `  key: value`, with a comment in a column of its own.
    void entry(int depth, const std::string& key, const std::string& value, const std::string& comment = "") {
        std::string text = std::string(2 * static_cast<std::size_t>(depth), ' ') + key + ":" + (value.empty() ? "" : " " + value);
        if (!comment.empty()) text += std::string(text.size() < 40 ? 40 - text.size() : 2, ' ') + "# " + comment;
        line(text);
    }
    std::string out;
};

void write_columns(ProjectText& text, const EventsGuess& guess) {
    text.entry(2, "columns", "", "what is called how in the file");
    text.entry(3, "user", yaml_scalar(guess.user));
    text.entry(3, "item", yaml_scalar(guess.item));
    text.entry(3, "time", guess.time.empty() ? "none" : yaml_scalar(guess.time),
               guess.time.empty() ? "or {order: file}, where the rows stand in order" : "numbers since 1970, or dates");
    if (!guess.type.empty()) text.entry(3, "type", yaml_scalar(guess.type));
    if (!guess.value.empty()) text.entry(3, "value", yaml_scalar(guess.value));
    if (!guess.event_id.empty()) text.entry(3, "event_id", yaml_scalar(guess.event_id));
    if (!guess.request_id.empty()) text.entry(3, "request_id", yaml_scalar(guess.request_id));
    if (!guess.position.empty()) text.entry(3, "position", yaml_scalar(guess.position));
}

// Where a file is, and what it is where its name does not tell.
void write_source(ProjectText& text, const std::string& path, data::FileFormat format) {
    text.entry(2, "path", yaml_scalar(path));
    if (format == data::FileFormat::Gorse) text.entry(2, "format", "gorse");
    if (format == data::FileFormat::Metarank) text.entry(2, "format", "metarank");
}

void write_events(ProjectText& text, const EventsGuess& guess, const std::string& path, data::FileFormat format) {
    text.entry(1, "events", "");
    write_source(text, path, format);
    write_columns(text, guess);
    if (!guess.flags.empty()) text.entry(2, "flags", "", "a row is an impression; a true flag is an event of this type");
    for (const auto& [type, column] : guess.flags) text.entry(3, yaml_scalar(type), yaml_scalar(column));
    if (!guess.amount.empty()) {
        text.entry(2, "values", "", "amounts of events");
        text.entry(3, yaml_scalar(guess.amount_type),
                   "{value: " + yaml_scalar(guess.amount) + ", divided_by: " + yaml_scalar(guess.amount_divided_by) + "}");
    }
    if (guess.context.empty()) return;
    std::vector<std::string> fields;
    for (const auto& field : guess.context) fields.push_back(yaml_scalar(field));
    text.entry(2, "context", "[" + base::join(fields) + "]", "circumstances of an event");
}

void write_entities(ProjectText& text, const std::string& key, const EntitiesGuess& guess, const std::string& path, data::FileFormat format) {
    text.entry(1, key, "");
    write_source(text, path, format);
    text.entry(2, "id", yaml_scalar(guess.id));
    if (guess.attributes.empty()) return;
    text.entry(2, "attributes", "", "number, category, categories, text, vector or time");
    for (const auto& attribute : guess.attributes) text.entry(3, yaml_scalar(attribute.name), std::string(data::attribute_type_name(attribute.type)));
}

void write_signals(ProjectText& text, const EventsGuess& guess) {
    text.line();
    text.line("# What models learn from; the first matters most. Negative weights are dislikes.");
    text.entry(0, "signals", "");
    for (const auto& signal : guess.signals) {
        const std::string bound = signal.at_least ? ", value: {at_least: " + base::format_number(*signal.at_least) + "}" : "";
        text.entry(1, yaml_scalar(signal.name),
                   "{type: " + yaml_scalar(signal.type) + bound + ", weight: " + base::format_number(signal.weight) + "}");
    }
}

// A table of items or users: what to call it, where it is, and what the events call its id.
struct Entities {
    std::string key;
    data::SourceTable table;
    std::string path;
    std::string event_column;
};

// Guesses about items or users, and their part of the file. Another engine's file holds them beside the events, where there are any.
Status add_entities(ProjectText& text, InitReport& report, const Entities& entities, const InitOptions& options) {
    const bool in_events_file = entities.path.empty() && options.from != data::FileFormat::Auto;
    const std::string& path = in_events_file ? options.events : entities.path;
    if (path.empty()) return {};
    const auto format = in_events_file ? options.from : data::FileFormat::Auto;
    const auto columns = look_at_file(path, format, entities.table);
    if (!columns && in_events_file) return {};  // the file was read for its events: it has no such rows
    if (!columns) return columns.error();
    SHORTLIST_ASSIGN(auto guess, guess_entities(*columns, entities.event_column));
    for (auto& entry : guess.guesses) report.guesses.push_back({entities.key + ": " + entry.what, entry.choice, entry.why});
    write_entities(text, entities.key, guess, path_from(report.file.parent_path(), path), format);
    return {};
}

// What the columns of another engine's events are called.
MappingHints hints_of(const InitOptions& options) {
    MappingHints hints = options.columns;
    if (options.from == data::FileFormat::Gorse && hints.type.empty()) hints.type = "feedback_type";
    if (options.from == data::FileFormat::Metarank && hints.event_id.empty()) hints.event_id = "id";
    return hints;
}

Status write_file(const fs::path& path, const std::string& text) {
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) return base::unavailable("cannot write '" + path.string() + "'");
    return {};
}

}  // namespace

Result<InitReport> init_project(const fs::path& folder, const InitOptions& options) {
    InitReport report;
    report.file = folder / kProjectFile;
    std::error_code code;
    if (!options.force && fs::exists(report.file, code)) {
        return Error{ErrorCode::AlreadyExists, "'" + report.file.string() + "' is there already; --force writes over it"};
    }
    SHORTLIST_ASSIGN(const auto columns, look_at_file(options.events, options.from));
    SHORTLIST_ASSIGN(auto guess, guess_events(columns, hints_of(options)));
    for (auto& entry : guess.guesses) report.guesses.push_back({"events: " + entry.what, entry.choice, entry.why});
    ProjectText text;
    const std::string name = options.name.empty() ? fs::weakly_canonical(fs::absolute(folder), code).filename().string().substr(0, 64) : options.name;
    text.line("# Written by 'shortlist init' from a look at the data. 'shortlist config print' shows every option and its default.");
    text.entry(0, "name", yaml_scalar(name.empty() ? "project" : name));
    text.entry(0, "data", "");
    write_events(text, guess, path_from(folder, options.events), options.from);
    SHORTLIST_TRY(add_entities(text, report, {"items", data::SourceTable::Items, options.items, guess.item}, options));
    SHORTLIST_TRY(add_entities(text, report, {"users", data::SourceTable::Users, options.users, guess.user}, options));
    write_signals(text, guess);
    // What is written must read: a name that no project file can hold is found here, not at the next command.
    if (auto project = parse_project(text.out, folder, std::string(kProjectFile), {}); !project) return std::move(project).error();
    SHORTLIST_TRY(write_file(report.file, text.out));
    report.text = std::move(text.out);
    return report;
}

}  // namespace shortlist::project
