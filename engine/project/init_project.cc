#include "engine/project/init_project.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "engine/base/config_writer.h"
#include "engine/base/text.h"
#include "engine/data/catalogue.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

namespace {

namespace fs = std::filesystem;

// A YAML scalar that reads back as this very text.
std::string scalar(const std::string& text) {
    const auto plain = [](char c) { return base::is_name_character(c) || c == '/' || c == '.'; };
    const bool letter = !text.empty() && (base::is_letter(text[0]) || text[0] == '_');
    static const std::vector<std::string> kWords{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    if (letter && std::all_of(text.begin(), text.end(), plain) && std::find(kWords.begin(), kWords.end(), text) == kWords.end()) return text;
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
    return out + "'";
}

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
    text.entry(3, "user", scalar(guess.user));
    text.entry(3, "item", scalar(guess.item));
    text.entry(3, "time", guess.time.empty() ? "none" : scalar(guess.time),
               guess.time.empty() ? "or {order: file}, where the rows stand in order" : "numbers since 1970, or dates");
    if (!guess.type.empty()) text.entry(3, "type", scalar(guess.type));
    if (!guess.value.empty()) text.entry(3, "value", scalar(guess.value));
    if (!guess.event_id.empty()) text.entry(3, "event_id", scalar(guess.event_id));
    if (!guess.request_id.empty()) text.entry(3, "request_id", scalar(guess.request_id));
    if (!guess.position.empty()) text.entry(3, "position", scalar(guess.position));
}

void write_events(ProjectText& text, const EventsGuess& guess, const std::string& path) {
    text.entry(1, "events", "");
    text.entry(2, "path", scalar(path));
    write_columns(text, guess);
    if (!guess.flags.empty()) text.entry(2, "flags", "", "a row is an impression; a true flag is an event of this type");
    for (const auto& [type, column] : guess.flags) text.entry(3, scalar(type), scalar(column));
    if (!guess.amount.empty()) {
        text.entry(2, "values", "", "amounts of events");
        text.entry(3, scalar(guess.amount_type), "{value: " + scalar(guess.amount) + ", divided_by: " + scalar(guess.amount_divided_by) + "}");
    }
    if (guess.context.empty()) return;
    std::vector<std::string> fields;
    for (const auto& field : guess.context) fields.push_back(scalar(field));
    text.entry(2, "context", "[" + base::join(fields) + "]", "circumstances of an event");
}

void write_entities(ProjectText& text, const std::string& key, const EntitiesGuess& guess, const std::string& path) {
    text.entry(1, key, "");
    text.entry(2, "path", scalar(path));
    text.entry(2, "id", scalar(guess.id));
    if (guess.attributes.empty()) return;
    text.entry(2, "attributes", "", "number, category, categories, text, vector or time");
    for (const auto& attribute : guess.attributes) text.entry(3, scalar(attribute.name), std::string(data::attribute_type_name(attribute.type)));
}

void write_signals(ProjectText& text, const EventsGuess& guess) {
    text.line();
    text.line("# What models learn from; the first matters most. Negative weights are dislikes.");
    text.entry(0, "signals", "");
    for (const auto& signal : guess.signals) {
        const std::string bound = signal.at_least ? ", value: {at_least: " + base::format_number(*signal.at_least) + "}" : "";
        text.entry(1, scalar(signal.name), "{type: " + scalar(signal.type) + bound + ", weight: " + base::format_number(signal.weight) + "}");
    }
}

// Guesses about items or users, and their part of the file.
Status add_entities(ProjectText& text, InitReport& report, const std::string& key, const std::string& path, const std::string& event_column) {
    if (path.empty()) return {};
    SHORTLIST_ASSIGN(const auto columns, look_at_file(path));
    SHORTLIST_ASSIGN(auto guess, guess_entities(columns, event_column));
    for (auto& entry : guess.guesses) report.guesses.push_back({key + ": " + entry.what, entry.choice, entry.why});
    write_entities(text, key, guess, path_from(report.file.parent_path(), path));
    return {};
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
    SHORTLIST_ASSIGN(const auto columns, look_at_file(options.events));
    SHORTLIST_ASSIGN(auto guess, guess_events(columns, options.columns));
    for (auto& entry : guess.guesses) report.guesses.push_back({"events: " + entry.what, entry.choice, entry.why});
    ProjectText text;
    const std::string name = options.name.empty() ? fs::weakly_canonical(fs::absolute(folder), code).filename().string().substr(0, 64) : options.name;
    text.line("# Written by 'shortlist init' from a look at the data. 'shortlist config print' shows every option and its default.");
    text.entry(0, "name", scalar(name.empty() ? "project" : name));
    text.entry(0, "data", "");
    write_events(text, guess, path_from(folder, options.events));
    SHORTLIST_TRY(add_entities(text, report, "items", options.items, guess.item));
    SHORTLIST_TRY(add_entities(text, report, "users", options.users, guess.user));
    write_signals(text, guess);
    // What is written must read: a name that no project file can hold is found here, not at the next command.
    if (auto project = parse_project(text.out, folder, std::string(kProjectFile), {}); !project) return std::move(project).error();
    SHORTLIST_TRY(write_file(report.file, text.out));
    report.text = std::move(text.out);
    return report;
}

}  // namespace shortlist::project
