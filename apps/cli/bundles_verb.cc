// shortlist bundles list | show | diff | promote | rollback: the models of a project, and which are in force.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <filesystem>
#include <set>
#include <string>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"

namespace shortlist::cli {

namespace {

namespace json = boost::json;
using project::Project;

struct BundleOptions {
    std::string bundle;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("bundle", bundle, base::text(1, 64), "Name of the bundle.");
    }
};

struct ShowOptions {
    std::string bundle;
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("bundle", bundle, base::text(0, 64), "Name of the bundle; the one in force where none is named.");
    }
};

struct DiffOptions {
    std::string from;
    std::string to;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("from", from, base::text(1, 64), "Name of the bundle to start from.");
        v.required_field("to", to, base::text(1, 64), "Name of the bundle to compare with it.");
    }
};

std::filesystem::path bundles_of(const Project& project) { return project.folder / "bundles"; }

std::uint64_t bytes_of(const data::BundleManifest& manifest) {
    std::uint64_t bytes = 0;
    for (const auto& file : manifest.files) bytes += file.second.bytes;
    return bytes;
}

// The manifest, without reading the files it lists.
Result<data::BundleManifest> manifest_of(const Project& project, const std::string& name) {
    SHORTLIST_ASSIGN(const auto entries, data::list_bundles(bundles_of(project)));
    std::vector<std::string> names;
    for (const auto& entry : entries) {
        if (entry.name == name && !entry.manifest) return base::data_loss("bundle '" + name + "' does not read: " + entry.problem);
        if (entry.name == name) return *entry.manifest;
        names.push_back(entry.name);
    }
    return base::not_found("there is no bundle '" + base::printable(name) + "'" + base::suggestion(name, names));
}

json::value parsed(const std::string& text) {
    boost::system::error_code code;
    json::value value = json::parse(text, code);
    return code ? json::value(text) : value;
}

json::object sections_of(const data::BundleManifest& manifest) {
    json::object sections;
    for (const auto& [name, text] : manifest.sections) sections[name] = parsed(text);
    return sections;
}

Status list_bundles(const Project& project, const NoOptions&, Io& io) {
    SHORTLIST_ASSIGN(const auto entries, data::list_bundles(bundles_of(project)));
    Table table({"bundle", "in force", "files", "size", "problem"});
    json::array listed;
    for (const auto& entry : entries) {
        const auto files = entry.manifest ? entry.manifest->files.size() : 0;
        const auto bytes = entry.manifest ? bytes_of(*entry.manifest) : 0;
        table.add({entry.name, entry.current ? "yes" : "", std::to_string(files), base::format_bytes(bytes), entry.problem});
        json::object object{{"name", entry.name}, {"current", entry.current}, {"files", files}, {"bytes", bytes}};
        if (!entry.problem.empty()) object["problem"] = entry.problem;
        listed.push_back(std::move(object));
    }
    render(io, entries.empty() ? "There is no bundle yet; 'shortlist train' makes one.\n" : table.text(), {{"bundles", listed}});
    return {};
}

Status show_bundle(const Project& project, const ShowOptions& options, Io& io) {
    std::string name = options.bundle;
    if (name.empty()) {
        SHORTLIST_ASSIGN(name, data::current_bundle(bundles_of(project)));
    }
    SHORTLIST_ASSIGN(const auto manifest, manifest_of(project, name));
    Table table({"file", "bytes", "sha256"});
    json::object files;
    for (const auto& [path, file] : manifest.files) {
        table.add({path, base::format_count(file.bytes), file.sha256.substr(0, 16)});
        files[path] = {{"bytes", file.bytes}, {"sha256", file.sha256}};
    }
    std::string text = "bundle " + name + ", " + base::format_bytes(bytes_of(manifest)) + "\n\n" + table.text();
    for (const auto& section : manifest.sections) text += "\n" + section.first + ": " + section.second + "\n";
    render(io, text, {{"name", name}, {"files", files}, {"sections", sections_of(manifest)}});
    return {};
}

// What became of one name between two maps.
template <class Map>
std::string change_of(const Map& from, const Map& to, const std::string& name) {
    const auto before = from.find(name);
    const auto after = to.find(name);
    if (before == from.end()) return "added";
    if (after == to.end()) return "removed";
    return before->second == after->second ? "same" : "changed";
}

template <class Map>
std::set<std::string> names_in(const Map& from, const Map& to) {
    std::set<std::string> names;
    for (const auto& entry : from) names.insert(entry.first);
    for (const auto& entry : to) names.insert(entry.first);
    return names;
}

Status diff_bundles(const Project& project, const DiffOptions& options, Io& io) {
    SHORTLIST_ASSIGN(const auto from, manifest_of(project, options.from));
    SHORTLIST_ASSIGN(const auto to, manifest_of(project, options.to));
    Table table({"part", "change"});
    json::object files;
    for (const auto& name : names_in(from.files, to.files)) {
        const std::string change = change_of(from.files, to.files, name);
        table.add({name, change});
        files[name] = change;
    }
    json::object sections;
    for (const auto& name : names_in(from.sections, to.sections)) {
        const std::string change = change_of(from.sections, to.sections, name);
        table.add({"section " + name, change});
        sections[name] = change;
    }
    render(io, table.text(), {{"from", options.from}, {"to", options.to}, {"files", files}, {"sections", sections}});
    return {};
}

Status promote_bundle(const Project& project, const BundleOptions& options, Io& io) {
    SHORTLIST_TRY(data::promote_bundle(bundles_of(project), options.bundle));
    render(io, "Bundle " + options.bundle + " is in force.\n", {{"current", options.bundle}});
    return {};
}

Status roll_back(const Project& project, const NoOptions&, Io& io) {
    SHORTLIST_ASSIGN(const std::string name, data::rollback_bundle(bundles_of(project)));
    render(io, "Bundle " + name + " is in force again.\n", {{"current", name}});
    return {};
}

}  // namespace

Verb bundles_list_verb() {
    return Verb("bundles list", "List the project's bundles and which is in force.")
        .example("shortlist bundles list")
        .option<NoOptions>()
        .run(list_bundles);
}

Verb bundles_show_verb() {
    return Verb("bundles show", "Show the files and the manifest of a bundle.")
        .arguments({"bundle"})
        .example("shortlist bundles show")
        .option<ShowOptions>()
        .run(show_bundle);
}

Verb bundles_diff_verb() {
    return Verb("bundles diff", "Show which files and sections differ between two bundles.")
        .arguments({"from", "to"})
        .example("shortlist bundles diff b1 b2")
        .option<DiffOptions>()
        .run(diff_bundles);
}

Verb bundles_promote_verb() {
    return Verb("bundles promote", "Check a bundle and put it in force; servers take it over without losing a request.")
        .arguments({"bundle"})
        .example("shortlist bundles promote b2")
        .option<BundleOptions>()
        .run(promote_bundle);
}

Verb bundles_rollback_verb() {
    return Verb("bundles rollback", "Put the bundle before the current one in force again.")
        .example("shortlist bundles rollback")
        .option<NoOptions>()
        .run(roll_back);
}

}  // namespace shortlist::cli
