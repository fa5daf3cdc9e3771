#include "engine/features/explain.h"

#include <algorithm>
#include <cmath>

#include "engine/base/config_writer.h"
#include "engine/base/text.h"

namespace shortlist::features {

namespace {

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string past_in_words(const FeatureConfig& config) {
    if (config.window.us > 0) return " within the last " + base::format_duration(config.window.us);
    if (config.half_life.us > 0) return ", each counting half after " + base::format_duration(config.half_life.us);
    return " of all of the past";
}

std::string whose(const FeatureConfig& config) { return config.of == "global" ? " of the whole project" : ", counted by " + config.of; }

std::string attribute_in_words(const FeatureColumn& column) {
    const FeatureConfig& config = column.config;
    const std::string what = in_quotes(config.attribute) + " of the " + config.of;
    if (!column.categorical) return "The attribute " + what + ", as it is.";
    if (config.buckets > 0) return what + ", hashed to " + base::format_count(config.buckets) + " codes; 0 is unknown.";
    return "The code of the value of " + what + ", of " + base::format_count(column.code_map.size()) + "; 0 is unknown.";
}

std::string sequence_part_in_words(const FeatureConfig& config) {
    switch (config.part) {
        case SequencePart::Item: return "which it is, hashed to " + base::format_count(config.buckets) + " codes.";
        case SequencePart::Attribute: return "its " + in_quotes(config.attribute) + ".";
        case SequencePart::Signal: return "which signal of the project came of it first in order, from 1.";
        case SequencePart::Age: break;
    }
    return "seconds since.";
}

std::string kind_in_words(const FeatureColumn& column) {
    const FeatureConfig& config = column.config;
    switch (config.kind) {
        case FeatureKind::Attribute: return attribute_in_words(column);
        case FeatureKind::Count: return "Events of " + in_quotes(config.signal) + past_in_words(config) + whose(config) + ".";
        case FeatureKind::Rate:
            return "Events of " + in_quotes(config.signal) + " per event of " + in_quotes(config.per) + past_in_words(config) + whose(config) +
                   ", drawn to everybody's rate by " + base::format_number(config.prior) + " imagined events.";
        case FeatureKind::Recency: return "Seconds since the last event of " + in_quotes(config.signal) + whose(config) + ".";
        case FeatureKind::Distinct:
            return "About how many different " + std::string(config.of.starts_with("user") ? "items" : "users") + " events of " +
                   in_quotes(config.signal) + " were with" + whose(config) + ".";
        case FeatureKind::Age: return "Seconds since " + in_quotes(config.attribute) + " of the " + config.of + ".";
        case FeatureKind::Clock:
            return config.unit == ClockUnit::Hour ? "The hour of the day, UTC, with its fraction." : "The day of the week, UTC; 0 is Monday.";
        case FeatureKind::Sequence:
            return "Of the user's items of " + in_quotes(config.signal) + ", the newest but " + std::to_string(column.back) + ": " +
                   sequence_part_in_words(config);
        case FeatureKind::Cosine:
            return "Between the item's " + in_quotes(config.attribute) + " and the sum of those of the user's last " + std::to_string(config.last) +
                   " items of " + in_quotes(config.signal) + ", each of length 1.";
        case FeatureKind::Dot: return "What the model of retriever " + in_quotes(config.retriever) + " thinks of the item, proposed or not.";
        case FeatureKind::RetrieverScore: return "The score with which retriever " + in_quotes(config.retriever) + " proposed the item.";
        case FeatureKind::RetrieverRank: return "The rank at which retriever " + in_quotes(config.retriever) + " proposed the item, 1 the best.";
    }
    return "";
}

std::string number(double value) { return base::format_number(std::round(value * 1000.0) / 1000.0); }

}  // namespace

std::string explain(const FeatureColumn& column, const FeaturePlan& plan) {
    std::string text = kind_in_words(column);
    if (!reads_state(column.config.kind)) return text;
    if (column.in_user_window) {
        return text + " The user's own: exact to the second, among the newest " + std::to_string(kRecentMax) + " events of signals with windows (" +
               std::to_string(sizeof(RecentEvent)) + " bytes each).";
    }
    const StateTable& table = plan.tables()[column.table];
    const bool wide = table.owner.is_shared() && !table.owner.is_paired();
    const std::size_t bytes = table.stride() * (wide ? sizeof(std::uint64_t) : sizeof(std::uint32_t)) + (wide ? 0 : sizeof(std::uint32_t));
    text += table.owner.is_shared() ? " Shared: it changes at ticks, once a minute of event time." : " The user's own: the next request sees it.";
    text += " Its block, which other features share, has " + std::to_string(bytes) + " bytes";
    return text + (table.is_bounded() ? "; a user has the " + std::to_string(kUserPairsMax) + " touched last." : ".");
}

std::string state_behind(const FeatureColumn& column, const FeaturePlan& plan, const FeatureExecutor& executor, const FeatureMoment& moment,
                         ItemRow item) {
    if (!reads_state(column.config.kind) || column.in_user_window || column.config.kind == FeatureKind::Distinct) return "";
    const StateTable& table = plan.tables()[column.table];
    const BlockView block = executor.block(column.table, moment, table.owner.reads_item() ? item : kNoRow);
    if (column.config.kind == FeatureKind::Recency) {
        const std::uint32_t last = block.last(table, column.slot);
        return last == 0 ? "never" : "last at " + base::format_time(TimeUs{last} * kSecondUs);
    }
    const auto moment_of = [&](const StateTable& of) {
        const TimeUs time = of.owner.is_shared() ? moment.shared.tick_time() : std::max(moment.request.time, moment.user.last_time());
        return reading_moment(plan.half_lives(), second_of(time));
    };
    const auto count = [&](const StateTable& of, const BlockView& view, std::size_t slot) {
        return number(view.count(of, plan.half_lives(), slot, moment_of(of)));
    };
    if (column.config.kind == FeatureKind::Count) return "";
    const StateTable& whole = plan.tables()[kGlobalTable];
    const BlockView global = moment.shared.block(plan, kGlobalTable, 0, kNoRow);
    return count(table, block, column.slot) + " of " + count(table, block, column.per_slot) + "; everybody " +
           count(whole, global, column.global_slot) + " of " + count(whole, global, column.global_per_slot);
}

}  // namespace shortlist::features
