#include "apps/cli/quality_render.h"

#include <boost/json/value_from.hpp>

#include <algorithm>

#include "apps/cli/render.h"
#include "engine/base/config_writer.h"
#include "engine/base/text.h"

namespace shortlist::cli {

namespace {

constexpr std::size_t kImportanceShown = 10;

std::string metric_name(const std::string& metric, std::size_t k) { return k == 0 ? metric : metric + "@" + std::to_string(k); }

// A line a stage, a column a metric, with the interval of the first metric. All rows count the same number of positions.
std::string table_text(const std::vector<eval::MetricRow>& rows, const std::string& interval) {
    std::vector<std::string> columns{"stage", metric_name(rows.front().metric, rows.front().k), interval};
    std::vector<std::vector<std::string>> lines;
    for (const auto& row : rows) {
        if (lines.empty() || lines.back().front() != row.stage) lines.push_back({row.stage});
        if (row.metric == rows.front().metric) {
            lines.back().insert(lines.back().end(), {fixed(row.mean, 4), fixed(row.low, 4) + " to " + fixed(row.high, 4)});
            continue;
        }
        const auto at = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), row.metric) - columns.begin());
        if (at == columns.size()) columns.push_back(row.metric);
        lines.back().resize(std::max(lines.back().size(), at + 1));
        lines.back()[at] = fixed(row.mean, 4);
    }
    Table table(columns);
    for (auto& line : lines) {
        line.resize(columns.size());
        table.add(line);
    }
    return table.text();
}

// A table for each number of positions counted, in order of appearance: one of all would be wider than a screen.
std::string rows_text(const std::vector<eval::MetricRow>& rows, const std::string& interval) {
    std::vector<std::pair<std::size_t, std::vector<eval::MetricRow>>> by_k;
    for (const auto& row : rows) {
        auto found = std::find_if(by_k.begin(), by_k.end(), [&](const auto& group) { return group.first == row.k; });
        if (found == by_k.end()) found = by_k.insert(by_k.end(), {row.k, {}});
        found->second.push_back(row);
    }
    std::string text;
    for (const auto& [k, group] : by_k) text += (text.empty() ? "" : "\n") + table_text(group, interval);
    return text;
}

std::string comparisons_text(const std::vector<eval::Comparison>& comparisons, const std::string& interval) {
    if (comparisons.empty()) return "";
    Table table({"stage", "against", "metric", "ratio", "difference", interval});
    for (const auto& c : comparisons) {
        if (c.metric != comparisons.front().metric || c.k != comparisons.front().k) continue;
        table.add({c.stage, c.baseline, metric_name(c.metric, c.k), fixed(c.ratio, 3), fixed(c.difference.mean, 4),
                   fixed(c.difference.low, 4) + " to " + fixed(c.difference.high, 4)});
    }
    return table.text();
}

boost::json::array rows_json(const std::vector<eval::MetricRow>& rows) {
    boost::json::array list;
    for (const auto& row : rows) {
        list.push_back({{"stage", row.stage},
                        {"metric", metric_name(row.metric, row.k)},
                        {"mean", row.mean},
                        {"low", row.low},
                        {"high", row.high},
                        {"users", row.users}});
    }
    return list;
}

boost::json::array comparisons_json(const std::vector<eval::Comparison>& comparisons) {
    boost::json::array list;
    for (const auto& c : comparisons) {
        list.push_back({{"stage", c.stage},
                        {"against", c.baseline},
                        {"metric", metric_name(c.metric, c.k)},
                        {"ratio", c.ratio},
                        {"difference", c.difference.mean},
                        {"low", c.difference.low},
                        {"high", c.difference.high},
                        {"users", c.difference.users}});
    }
    return list;
}

}  // namespace

std::string quality_text(const training::EvaluationReport& report) {
    const std::string interval = base::format_number(100 * report.level) + " % interval";
    std::string text;
    for (const auto& warning : report.warnings) text += "Warning: " + warning + ".\n\n";
    text += report.sampled ? "Among sampled negatives (flatters; compare only like with like), " : "Over the whole catalogue, seen items hidden, ";
    text += base::format_count(report.users) + " users:\n\n" + rows_text(report.catalogue, interval);
    if (!report.comparisons.empty()) text += "\nPaired by user:\n\n" + comparisons_text(report.comparisons, interval);
    if (!report.exposures.empty()) {
        text += "\nOrder of what was shown, by user:\n\n" + rows_text(report.exposures, interval) + "\n" +
                comparisons_text(report.exposure_comparisons, interval);
    }
    return text;
}

boost::json::object quality_json(const training::EvaluationReport& report) {
    return {{"protocol", report.sampled ? "sampled_negatives" : "whole_catalogue"},
            {"users", report.users},
            {"warnings", boost::json::array(report.warnings.begin(), report.warnings.end())},
            {"metrics", rows_json(report.catalogue)},
            {"comparisons", comparisons_json(report.comparisons)},
            {"exposure_metrics", rows_json(report.exposures)},
            {"exposure_comparisons", comparisons_json(report.exposure_comparisons)}};
}

namespace {

// The ranker learned from the scores of one fit and is served those of another: how like are they?
std::string movement_text(const std::vector<training::ScoreMovement>& movement) {
    if (movement.empty()) return "";
    Table table({"retriever", "correlation", "mean before", "mean after", "mean change", "deviation before"});
    for (const auto& moved : movement) {
        table.add({moved.retriever, fixed(moved.correlation, 3), fixed(moved.mean_before, 4), fixed(moved.mean_after, 4), fixed(moved.mean_change, 4),
                   fixed(moved.deviation_before, 4)});
    }
    return "\nHow far refitting on everything moved the retrievers' scores, of pairs of user and item drawn by seed:\n\n" + table.text();
}

boost::json::array movement_json(const std::vector<training::ScoreMovement>& movement) {
    boost::json::array list;
    for (const auto& moved : movement) {
        list.push_back({{"retriever", moved.retriever},
                        {"pairs", moved.pairs},
                        {"correlation", moved.correlation},
                        {"mean_before", moved.mean_before},
                        {"mean_after", moved.mean_after},
                        {"mean_change", moved.mean_change},
                        {"deviation_before", moved.deviation_before}});
    }
    return list;
}

}  // namespace

std::string training_text(const training::TrainingReport& report) {
    std::string text;
    Table steps({"step", "seconds"});
    for (const auto& [step, seconds] : report.seconds) steps.add({step, fixed(seconds, 2)});
    text += steps.text() + "\n";
    if (!report.ranker_left_out.empty()) return text + "No ranker: " + report.ranker_left_out + "\nThe blended order of the retrievers is served.\n";
    if (report.trees == 0) return text;
    text += base::format_count(report.train_rows) + " rows of " + base::format_count(report.train_requests) + " requests, " +
            base::format_count(report.validation_rows) + " of " + base::format_count(report.validation_requests) + " to validate; " +
            std::to_string(report.trees) + " trees, " + report.validation_metric + " " + fixed(report.validation_value, 4) + "\n";
    text += base::format_count(report.chosen_missed) + " of " + base::format_count(report.chosen) + " choices were proposed by no retriever.\n\n";
    if (!report.constant_features.empty()) {
        text += "Left out, for they held one value in every row: " + base::join(report.constant_features) + ".\n\n";
    }
    double total = 0;
    for (const auto& gain : report.importance) total += gain.gain;
    Table importance({"feature", "share of gain"});
    for (std::size_t f = 0; f < std::min(kImportanceShown, report.importance.size()); ++f) {
        importance.add({report.importance[f].feature, fixed(total > 0 ? report.importance[f].gain / total : 0, 3)});
    }
    return text + importance.text() + movement_text(report.movement);
}

boost::json::object training_json(const training::TrainingReport& report) {
    boost::json::object importance;
    for (const auto& gain : report.importance) importance[gain.feature] = gain.gain;
    return {{"train_rows", report.train_rows},
            {"train_requests", report.train_requests},
            {"validation_rows", report.validation_rows},
            {"validation_requests", report.validation_requests},
            {"chosen", report.chosen},
            {"chosen_missed", report.chosen_missed},
            {"trees", report.trees},
            {"validation_metric", report.validation_metric},
            {"validation_value", report.validation_value},
            {"ranker_left_out", report.ranker_left_out},
            {"constant_features", boost::json::value_from(report.constant_features)},
            {"importance", importance},
            {"score_movement", movement_json(report.movement)}};
}

boost::json::object seconds_json(const std::vector<std::pair<std::string, double>>& seconds, double total) {
    boost::json::object object{{"total", total}};
    for (const auto& [step, spent] : seconds) object[step] = spent;
    return object;
}

}  // namespace shortlist::cli
