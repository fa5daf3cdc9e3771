#include "engine/training/ranker_rows.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "engine/base/random.h"
#include "engine/training/replay_exposures.h"

namespace shortlist::training {

namespace {

// Rows of one request, until all requests are put end to end.
struct Part {
    std::vector<float> values;
    std::vector<float> labels;
    std::size_t missed = 0;
};

std::vector<std::uint8_t> categorical_flags(const features::FeaturePlan& plan) {
    std::vector<std::uint8_t> flags;
    for (const auto& column : plan.columns()) flags.push_back(column.categorical ? 1 : 0);
    return flags;
}

void append_row(const pipeline::Scratch& scratch, std::size_t candidate, std::size_t features, float label, Part& part) {
    const auto row = std::span(scratch.rows).subspan(candidate * features, features);
    part.values.insert(part.values.end(), row.begin(), row.end());
    part.labels.push_back(label);
}

// Puts the parts end to end; each user's rows weigh 1 / (requests of that user).
RowReport join(const features::FeaturePlan& plan, std::vector<Part>& parts, std::span<const UserRow> users) {
    std::unordered_map<UserRow, std::size_t> requests;
    for (std::size_t p = 0; p < parts.size(); ++p) requests[users[p]] += parts[p].labels.empty() ? 0 : 1;
    RowReport report;
    report.rows.feature_names = plan.names();
    report.rows.categorical = categorical_flags(plan);
    for (std::size_t p = 0; p < parts.size(); ++p) {
        Part& part = parts[p];
        const auto chosen = std::count_if(part.labels.begin(), part.labels.end(), [](float label) { return label > 0; });
        report.chosen += static_cast<std::uint64_t>(chosen) + part.missed;
        report.chosen_missed += part.missed;
        if (part.labels.empty()) continue;
        ++report.requests;
        report.places.push_back(static_cast<std::int64_t>(p));
        report.rows.group_sizes.push_back(static_cast<std::uint32_t>(part.labels.size()));
        report.rows.values.insert(report.rows.values.end(), part.values.begin(), part.values.end());
        report.rows.labels.insert(report.rows.labels.end(), part.labels.begin(), part.labels.end());
        report.rows.weights.insert(report.rows.weights.end(), part.labels.size(), 1.0F / static_cast<float>(requests[users[p]]));
        part = {};
    }
    return report;
}

// `wanted` of [0, count), drawn by seed, ascending.
std::vector<std::size_t> draw(std::size_t count, std::size_t wanted, std::uint64_t seed) {
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (count <= wanted) return all;
    Rng rng(seed);
    rng.shuffle(std::span(all));
    all.resize(wanted);
    std::sort(all.begin(), all.end());
    return all;
}

// The rows of one visit out of what the pipeline proposed: every choice, and a sample of the rest. They stand in no order that
// tells which is which: a metric over equal scores goes by the order of rows, and choices in front would flatter it.
Part rows_of_visit(const pipeline::Scratch& scratch, const Visit& visit, const RowOptions& options, std::size_t features) {
    std::vector<std::pair<std::size_t, float>> kept;  // candidate, label
    std::vector<std::size_t> others;
    for (std::size_t c = 0; c < scratch.candidates.size(); ++c) {
        const auto found = std::lower_bound(visit.choices.begin(), visit.choices.end(), scratch.candidates[c],
                                            [](const Choice& choice, ItemRow item) { return choice.item < item; });
        if (found != visit.choices.end() && found->item == scratch.candidates[c]) {
            kept.emplace_back(c, found->grade);
        } else {
            others.push_back(c);
        }
    }
    Part part;
    part.missed = visit.choices.size() - kept.size();
    if (kept.empty()) return part;
    const std::uint64_t seed = base::mix64(options.seed ^ base::mix64(visit.offset));
    for (const std::size_t at : draw(others.size(), options.negatives, seed)) kept.emplace_back(others[at], 0.0F);
    Rng(seed).shuffle(std::span(kept));
    for (const auto& [candidate, label] : kept) append_row(scratch, candidate, features, label, part);
    return part;
}

// Requests whose rows are compared with one another, by their place in Exposures::groups, ascending.
using Comparison = std::vector<std::size_t>;

std::vector<Comparison> comparisons_of(const data::EventTable& events, const Exposures& exposures, ComparedWithin compared) {
    std::vector<Comparison> comparisons;
    std::unordered_map<std::uint64_t, std::size_t> of_day;
    for (std::size_t r = 0; r < exposures.groups.size(); ++r) {
        const ExposureGroup& group = exposures.groups[r];
        const auto day = static_cast<std::uint32_t>(events.time[exposures.exposures[group.begin].offset] / kDayUs);
        const std::uint64_t key = compared == ComparedWithin::Day ? std::uint64_t{group.user} << 32 | day : r;
        const auto [at, fresh] = of_day.try_emplace(key, comparisons.size());
        if (fresh) comparisons.emplace_back();
        comparisons[at->second].push_back(r);
    }
    return comparisons;
}

// Those with a choice; past rows_max as many as fit, drawn by seed.
std::vector<Comparison> draw_comparisons(const Exposures& exposures, std::vector<Comparison> comparisons, const RowOptions& options) {
    const auto has_choice = [&](std::size_t r) {
        const auto& group = exposures.groups[r];
        const auto shown = std::span(exposures.exposures).subspan(group.begin, group.end - group.begin);
        return std::any_of(shown.begin(), shown.end(), [](const Exposure& exposure) { return exposure.grade > 0; });
    };
    std::erase_if(comparisons, [&](const Comparison& comparison) { return std::none_of(comparison.begin(), comparison.end(), has_choice); });
    std::size_t rows = 0;
    for (const auto& comparison : comparisons) {
        for (const std::size_t r : comparison) rows += exposures.groups[r].end - exposures.groups[r].begin;
    }
    if (rows <= options.rows_max) return comparisons;
    std::vector<Comparison> fewer;
    for (const std::size_t c : draw(comparisons.size(), comparisons.size() * options.rows_max / rows, options.seed)) {
        fewer.push_back(std::move(comparisons[c]));
    }
    return fewer;
}

void append_part(const Part& from, Part& to) {
    to.values.insert(to.values.end(), from.values.begin(), from.values.end());
    to.labels.insert(to.labels.end(), from.labels.begin(), from.labels.end());
}

}  // namespace

RowReport candidate_rows(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, std::span<const Visit> visits,
                         const RowOptions& options, ThreadPool& pool) {
    const auto kept = draw(visits.size(), options.rows_max / (options.negatives + 1), options.seed);
    std::vector<ReplayPoint> points;
    std::vector<UserRow> users;
    for (const std::size_t v : kept) {
        points.push_back({visits[v].offset, visits[v].user, visits[v].time});
        users.push_back(visits[v].user);
    }
    std::vector<Part> parts(points.size());
    const auto& plan = models->plan();
    replay(log, models, points, pool, [&](const ReplayMoment& moment) {
        pipeline::Request request = moment.request;
        request.wants_features = true;
        parts[moment.point] = rows_of_visit(moment.answer(request), visits[kept[moment.point]], options, plan.columns().size());
    });
    return join(plan, parts, users);
}

RowReport exposure_rows(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const Exposures& exposures,
                        const RowOptions& options, ThreadPool& pool) {
    const auto comparisons = draw_comparisons(exposures, comparisons_of(log.data.events, exposures, options.compared), options);
    std::vector<std::size_t> requests;  // those of all comparisons, in the order of the log
    for (const auto& comparison : comparisons) requests.insert(requests.end(), comparison.begin(), comparison.end());
    std::sort(requests.begin(), requests.end());
    std::vector<Part> of_request(exposures.groups.size());
    const auto& plan = models->plan();
    replay_exposures(log, models, {exposures, requests, /*wants_features=*/true}, pool, [&](const ReplayedExposure& seen) {
        append_row(seen.answer, seen.candidate, plan.columns().size(), exposures.exposures[seen.exposure].grade, of_request[seen.group]);
    });
    std::vector<Part> parts(comparisons.size());
    std::vector<UserRow> users;
    for (std::size_t c = 0; c < comparisons.size(); ++c) {
        users.push_back(exposures.groups[comparisons[c].front()].user);
        for (const std::size_t r : comparisons[c]) append_part(of_request[r], parts[c]);
    }
    return join(plan, parts, users);
}

Result<RowReport> rows_of_part(const CutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, const LightGbmRankerConfig& config,
                               const WantedRows& wanted, ThreadPool& pool) {
    const eval::Part part = wanted.part;
    RowOptions options;
    options.rows_max = part == eval::Part::Rank ? config.rows_max : config.rows_max / 3;
    options.negatives = config.negatives;
    options.seed = config.model.seed;
    options.compared = config.rows == RowSource::DailyImpressions ? ComparedWithin::Day : ComparedWithin::Request;
    // By time a part is replayed as it happened; elsewhere both parts see what was fitted.
    const auto happens = log.periods.happens(eval::Part::Rank);
    const ReplayLog replayed{log.data, log.masks, happens, wanted.share};
    if (config.rows == RowSource::Candidates) {
        return candidate_rows(replayed, models, log.visits(part), options, pool);
    }
    if (!log.periods.by_time())
        return base::invalid_argument("ranker.rows: impressions are compared in the order of time; use `split: {by: time}` or `rows: candidates`");
    return exposure_rows(replayed, models, log.exposures(part), options, pool);
}

}  // namespace shortlist::training
