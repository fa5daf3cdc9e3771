// shortlist verify: the state that a restart would serve from, and the lists that were served, against the whole log.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "apps/cli/verbs.h"
#include "engine/base/text.h"
#include "engine/project/verify_project.h"

namespace shortlist::cli {

namespace {

namespace json = boost::json;
using base::format_count;

std::string state_text(const project::VerifyReport& report) {
    const std::string events = format_count(report.events) + " events";
    const std::string from = report.restored == 0 ? "a restart (there is no snapshot yet: the whole log)"
                                                  : "the snapshot at offset " + format_count(report.restored) + " and the records behind it";
    if (!report.state_equal())
        return "DIFFERENT: " + from + " gives " + report.restored_digest + ", the log record by record " + report.folded_digest + "\n";
    return "equal to the bit: " + from + ", and the log record by record, " + events + "\nstate " + report.folded_digest + "\n";
}

std::string since(const std::optional<std::uint64_t>& offset) { return offset ? "equal at " + std::to_string(*offset) : "never compared before"; }

std::string text_of(const pipeline::ListsReport& lists) {
    std::string text = lists.equal() ? "equal to the bit: " : format_count(lists.different) + " DIFFERENCES in ";
    text += format_count(lists.values) + " values of " + format_count(lists.vectors) + " feature vectors in " + format_count(lists.compared) +
            " served lists\n";
    if (lists.without_features > 0) text += "not compared: " + format_count(lists.without_features) + " lists that were logged without features\n";
    if (lists.of_other_history > 0) text += "not compared: " + format_count(lists.of_other_history) + " lists of before the last import\n";
    for (const auto& [name, count] : lists.bundles_gone) {
        text += "not compared: " + format_count(count) + " lists of bundle " + base::printable(name) + ", which is gone\n";
    }
    if (lists.differences.empty()) return text;
    Table table({"feature", "user", "item", "logged", "from the log", "offset", "request"});
    for (const auto& difference : lists.differences) {
        table.add({difference.what, base::printable(difference.user), base::printable(difference.item), difference.logged, difference.derived,
                   std::to_string(difference.offset), base::printable(difference.request_id)});
    }
    text += "\n" + table.text();
    for (const auto& difference : lists.differences) {
        text += "\n" + difference.what + " at offset " + std::to_string(difference.offset) + ": user " + since(difference.user_equal_at) + ", item " +
                since(difference.item_equal_at) + "; since then " + format_count(difference.records_between) + " live records of either\n";
        for (const auto& record : difference.records) text += "  " + std::to_string(record.offset) + "  " + base::printable(record.text, 300) + "\n";
    }
    if (lists.different > lists.differences.size()) text += "\n--all reports the other differences, too.\n";
    return text;
}

json::value offset_of(const std::optional<std::uint64_t>& offset) { return offset ? json::value(*offset) : json::value(); }

json::object json_of(const pipeline::ListsReport& lists) {
    json::array differences;
    for (const auto& difference : lists.differences) {
        json::array records;
        for (const auto& record : difference.records) records.push_back({{"offset", record.offset}, {"record", record.text}});
        differences.push_back({{"feature", difference.what},
                               {"user", difference.user},
                               {"item", difference.item},
                               {"logged", difference.logged},
                               {"derived", difference.derived},
                               {"offset", difference.offset},
                               {"request_id", difference.request_id},
                               {"user_equal_at", offset_of(difference.user_equal_at)},
                               {"item_equal_at", offset_of(difference.item_equal_at)},
                               {"records_between", difference.records_between},
                               {"records", records}});
    }
    json::object gone;
    for (const auto& [name, count] : lists.bundles_gone) gone[name] = count;
    return {{"lists", lists.lists},
            {"compared", lists.compared},
            {"vectors", lists.vectors},
            {"values", lists.values},
            {"different", lists.different},
            {"without_features", lists.without_features},
            {"of_other_history", lists.of_other_history},
            {"bundles_gone", gone},
            {"differences", differences}};
}

}  // namespace

Verb verify_verb() {
    return Verb("verify", "Fold the whole log anew and compare, bit by bit, with the state that a restart would serve from and with what was served.")
        .details("Lists that were logged with their features (serve.impressions.features) are asked for again where they stood.")
        .example("shortlist verify")
        .option<project::VerifyOptions>()
        .run([](const project::Project& project, const project::VerifyOptions& options, Io& io) -> Status {
            const base::SystemClock clock;
            ThreadPool pool;
            SHORTLIST_ASSIGN(const auto report, project::verify_project(project, options, {clock, pool, {}}));
            render(io, state_text(report) + text_of(report.lists),
                   {{"bundle", report.bundle},
                    {"events", report.events},
                    {"restored", report.restored},
                    {"restored_digest", report.restored_digest},
                    {"folded_digest", report.folded_digest},
                    {"lists", json_of(report.lists)},
                    {"equal", report.equal()},
                    {"seconds", report.seconds}});
            if (!report.state_equal()) {
                return base::data_loss(
                    "the saved state is not what the log gives; remove the project's folder `state`, and a restart folds the whole log");
            }
            if (!report.equal()) return base::data_loss("what was served is not what the log gives");
            return {};
        });
}

}  // namespace shortlist::cli
