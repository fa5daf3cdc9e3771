#include <algorithm>

#include "apps/cli/command_line.h"

namespace shortlist::cli {

namespace {

constexpr std::size_t kHelpWidth = 100;

// `left` in a column of its own, `right` beside it, folded at words.
std::string entry(std::string_view left, std::string_view right, std::size_t column) {
    std::string out = "  " + std::string(left);
    std::size_t used = out.size();
    if (used + 2 > column) {
        out += '\n';
        used = 0;
    }
    out.append(column - used, ' ');
    used = column;
    while (!right.empty()) {
        const std::size_t length = std::min(right.find(' '), right.size());
        if (used > column && used + 1 + length > kHelpWidth) {
            out += '\n' + std::string(column, ' ');
            used = column;
        } else if (used > column) {
            out += ' ';
            ++used;
        }
        out += right.substr(0, length);
        used += length;
        right.remove_prefix(std::min(length + 1, right.size()));
    }
    return out + '\n';
}

std::string usage_of(const Verb& verb) {
    std::string usage = "shortlist " + verb.name();
    for (const auto& name : verb.arguments()) {
        const auto flag = std::find_if(verb.flags().begin(), verb.flags().end(), [&](const auto& f) { return f.path.back() == name; });
        const bool required = flag != verb.flags().end() && flag->required;
        usage += (required ? " " : " [") + name + (required ? "" : "]");
    }
    return usage + " [options]";
}

}  // namespace

std::string help_page(std::span<const Verb> verbs) {
    std::string page = "shortlist: from millions of items to the twenty worth showing.\n\nusage: shortlist COMMAND [options]\n\ncommands:\n";
    for (const auto& verb : verbs) page += verb.is_hidden() ? "" : entry(verb.name(), verb.help(), 22);
    page += "\nof every command:\n";
    page += entry("--json", "One JSON document on standard output, errors too.", 22);
    page += entry("--help", "What the command takes, with examples.", 22);
    page +=
        "\nexit codes: 0 done, 2 wrong input, 3 not found, 4 exists already, 5 not yet possible, 6 not allowed, 7 full,\n"
        "8 too late, 9 unavailable, 10 damaged data, 11 internal\n";
    return page;
}

std::string help_page(const Verb& verb) {
    std::string page = verb.help() + "\n\nusage: " + usage_of(verb) + "\n";
    if (!verb.details().empty()) page += "\n" + verb.details() + "\n";
    page += "\noptions:\n";
    for (const auto& flag : verb.flags()) {
        const std::string notes = std::string(flag.required ? " Required." : "") + (flag.repeated ? " May be repeated." : "");
        page += entry(flag.name + (flag.is_switch ? "" : " VALUE"), flag.help + notes, 30);
    }
    if (verb.takes_project()) page += entry("--project DIR", "Folder of the project; by default the current one, or the nearest above it.", 30);
    page += entry("--json", "One JSON document on standard output, errors too.", 30);
    if (verb.examples().empty()) return page;
    page += "\nexamples:\n";
    for (const auto& line : verb.examples()) page += "  " + line + "\n";
    return page;
}

}  // namespace shortlist::cli
