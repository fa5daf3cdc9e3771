#include "engine/training/score_movement.h"

#include <algorithm>
#include <cmath>

#include "engine/base/random.h"

namespace shortlist::training {

namespace {

constexpr std::size_t kUsers = 200;
constexpr std::size_t kItems = 100;

// Distinct values of events drawn with replacement, ascending.
std::vector<std::uint32_t> draw_distinct(std::span<const std::uint32_t> of_event, std::size_t draws, Rng rng) {
    std::vector<std::uint32_t> drawn;
    for (std::size_t i = 0; i < draws; ++i) drawn.push_back(of_event[rng.below(of_event.size())]);
    std::sort(drawn.begin(), drawn.end());
    drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
    return drawn;
}

// Shape (users, items, retrievers); NaN where a retriever has nothing to say.
std::vector<float> opinions(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& models, std::span<const UserRow> users,
                            std::span<const ItemRow> items, ThreadPool& pool) {
    const std::size_t retrievers = models->retrievers().size();
    std::vector<ReplayPoint> points;
    for (const UserRow user : users) points.push_back({log.data.events.size(), user, log.data.events.time.back()});
    std::vector<float> out(users.size() * items.size() * retrievers);
    replay(log, models, points, pool, [&](const ReplayMoment& moment) {
        pipeline::Request request = moment.request;
        request.candidates = items;
        const pipeline::Scratch& scratch = moment.answer(request);
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto* said = scratch.affinity.data() + scratch.place[items[i]] * retrievers;
            std::copy_n(said, retrievers, out.data() + (moment.point * items.size() + i) * retrievers);
        }
    });
    return out;
}

ScoreMovement compare(std::span<const float> before, std::span<const float> after, std::size_t retriever, std::size_t retrievers) {
    ScoreMovement out;
    double squares_before = 0;
    double squares_after = 0;
    double products = 0;
    for (std::size_t at = retriever; at < before.size(); at += retrievers) {
        const double x = before[at];
        const double y = after[at];
        if (std::isnan(x) || std::isnan(y)) continue;
        ++out.pairs;
        out.mean_before += x;
        out.mean_after += y;
        out.mean_change += std::abs(y - x);
        squares_before += x * x;
        squares_after += y * y;
        products += x * y;
    }
    if (out.pairs == 0) return out;
    const auto pairs = static_cast<double>(out.pairs);
    for (double* sum : {&out.mean_before, &out.mean_after, &out.mean_change}) *sum /= pairs;
    const double variance_before = std::max(0.0, squares_before / pairs - out.mean_before * out.mean_before);
    const double variance_after = std::max(0.0, squares_after / pairs - out.mean_after * out.mean_after);
    out.deviation_before = std::sqrt(variance_before);
    const double scale = std::sqrt(variance_before * variance_after);
    out.correlation = scale > 0 ? (products / pairs - out.mean_before * out.mean_after) / scale : 0;
    return out;
}

}  // namespace

std::vector<ScoreMovement> score_movement(const ReplayLog& log, const std::shared_ptr<const pipeline::ServingModels>& before,
                                          const std::shared_ptr<const pipeline::ServingModels>& after, std::uint64_t seed, ThreadPool& pool) {
    std::vector<ScoreMovement> out;
    const auto& events = log.data.events;
    if (events.size() == 0) return out;
    const auto users = draw_distinct(events.user, kUsers, Rng(seed).fork(0));
    const auto items = draw_distinct(events.item, kItems, Rng(seed).fork(1));
    const auto old_scores = opinions(log, before, users, items, pool);
    const auto new_scores = opinions(log, after, users, items, pool);
    const auto& specs = before->spec().retrievers;
    for (std::size_t r = 0; r < specs.size(); ++r) {
        if (specs[r].kind == pipeline::RetrieverKind::Popularity) continue;
        out.push_back(compare(old_scores, new_scores, r, specs.size()));
        out.back().retriever = specs[r].name;
    }
    return out;
}

}  // namespace shortlist::training
