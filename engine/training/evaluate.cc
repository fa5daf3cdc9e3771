#include "engine/training/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/base/random.h"
#include "engine/eval/list_metrics.h"
#include "engine/eval/metrics.h"
#include "engine/eval/pooled.h"
#include "engine/training/cut_log.h"
#include "engine/training/evaluate_exposures.h"
#include "engine/training/held_out.h"

namespace shortlist::training {

namespace {

using eval::Part;

// Stages in the order of the table: the retrievers stand between popularity and blended.
struct Stages {
    static constexpr std::size_t kRandom = 0;
    static constexpr std::size_t kPopularity = 1;
    static constexpr std::size_t kFirstRetriever = 2;
    std::size_t retrievers = 0;
    bool has_extra = false;

    [[nodiscard]] std::size_t blended() const { return kFirstRetriever + retrievers; }
    [[nodiscard]] std::size_t ranked() const { return blended() + 1; }
    [[nodiscard]] std::size_t slate() const { return blended() + 2; }
    [[nodiscard]] std::size_t extra() const { return blended() + 3; }
    [[nodiscard]] std::vector<std::string> names(const pipeline::ServingModels& models, const ExtraStage* extra) const {
        std::vector<std::string> names{"random", "popularity"};
        for (const auto& retriever : models.retrievers()) names.push_back(retriever->name());
        names.insert(names.end(), {"blended", "ranked", "slate"});
        if (extra != nullptr) names.push_back(extra->name);
        return names;
    }
};

// Metrics of how a list looks, behind those of whether it is right.
constexpr std::array<const char*, 3> kLooks{"intra_list_distance", "novelty", "popularity_share"};

class CatalogueEvaluation {
public:
    CatalogueEvaluation(const CutLog& log, std::shared_ptr<const pipeline::ServingModels> models, const EvaluateOptions& options, ThreadPool& pool,
                        const ExtraStage* extra)
        : log_(log), models_(std::move(models)), options_(options), pool_(pool), extra_(extra) {
        stages_ = {models_->retrievers().size(), extra != nullptr};
        longest_ = *std::max_element(options.k.begin(), options.k.end());
    }

    Status run(std::vector<Visit> visits, EvaluationReport& report) {
        SHORTLIST_ASSIGN(surface_, models_->find_surface(options_.surface));
        visits_ = std::move(visits);
        draw_users();
        if (visits_.empty()) return base::invalid_argument("evaluate: no user of the test part chose anything; check `signals` and `split`");
        count_popularity();
        auto metrics = eval::list_metric_keys(options_.k);
        looks_at_ = metrics.size();
        for (const char* name : kLooks) metrics.push_back({name, options_.k.front()});
        eval::StageScores scores(visits_.size(), stages_.names(*models_, extra_), std::move(metrics));
        served_.assign(stages_.extra(), std::vector<ItemRow>(visits_.size() * options_.k.front(), kNoRow));
        std::vector<ReplayPoint> points;
        for (const auto& visit : visits_) points.push_back({visit.offset, visit.user, visit.time});
        const auto happens = log_.periods.happens(Part::Test);
        replay({log_.data, log_.masks, happens}, models_, points, pool_, [&](const ReplayMoment& moment) { judge(moment, scores); });
        for (std::size_t stage = 0; stage < stages_.extra(); ++stage) {
            scores.set_pooled(stage, {"coverage", options_.k.front()},
                              eval::catalogue_coverage(served_[stage], options_.k.front(), log_.data.items.size()));
        }
        report.users = visits_.size();
        report.sampled = options_.sampled_negatives > 0;
        report.catalogue = scores.rows(options_.bootstrap, pool_);
        compare(scores, report);
        return {};
    }

private:
    void draw_users() {
        if (options_.users_max == 0 || visits_.size() <= options_.users_max) return;
        Rng rng(options_.bootstrap.seed);
        rng.shuffle(std::span(visits_));
        visits_.resize(options_.users_max);
        std::sort(visits_.begin(), visits_.end(),
                  [](const Visit& a, const Visit& b) { return a.offset != b.offset ? a.offset < b.offset : a.user < b.user; });
    }

    // How often each item was chosen in what may be known.
    void count_popularity() {
        const auto known = log_.periods.before(Part::Test);
        std::vector<double> counts(log_.data.items.size(), 0.0);
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (known[i] != 0 && log_.relevant[i] != 0) counts[log_.data.events.item[i]] += 1.0;
        }
        popular_.resize(counts.size());
        std::iota(popular_.begin(), popular_.end(), 0U);
        std::stable_sort(popular_.begin(), popular_.end(), [&](ItemRow a, ItemRow b) { return counts[a] > counts[b]; });
        head_ = eval::popular_head(counts);
        surprise_ = eval::self_information(counts);
    }

    void judge(const ReplayMoment& moment, eval::StageScores& scores) {
        const Visit& visit = visits_[moment.point];
        std::vector<ItemRow> relevant;
        for (const auto& choice : visit.choices) relevant.push_back(choice.item);
        pipeline::Request request = moment.request;
        request.surface = surface_;
        request.size = longest_;
        const auto sample = draw_sample(visit, relevant);
        request.candidates = sample;
        const pipeline::Scratch& scratch = moment.answer(request);
        std::vector<ItemRow> list;
        const auto add = [&](std::size_t stage) { add_list(moment.point, stage, list, relevant, scores); };
        list = random_list(visit, scratch, sample);
        add(Stages::kRandom);
        list = popular_list(scratch, sample);
        add(Stages::kPopularity);
        for (std::size_t r = 0; r < stages_.retrievers; ++r) {
            list = retrieved(scratch, r, !sample.empty());
            add(Stages::kFirstRetriever + r);
        }
        list.assign(scratch.candidates.begin(),
                    scratch.candidates.begin() + static_cast<std::ptrdiff_t>(std::min(longest_, scratch.candidates.size())));
        add(stages_.blended());
        list.clear();
        for (std::size_t i = 0; i < std::min(longest_, scratch.order.size()); ++i) list.push_back(scratch.candidates[scratch.order[i]]);
        add(stages_.ranked());
        list.clear();
        for (const auto& slot : scratch.slate) list.push_back(slot.item);
        add(stages_.slate());
        if (extra_ == nullptr || !sample.empty() || moment.point % (visits_.size() / extra_->users_max + 1) != 0) return;
        list.resize(longest_);
        list.resize(extra_->fill({visit.user, visit.time, scratch.hidden, scratch.hidden_mark}, list));
        add(stages_.extra());
    }

    // The chosen items and sampled_negatives others; empty where the whole catalogue is ranked.
    [[nodiscard]] std::vector<ItemRow> draw_sample(const Visit& visit, const std::vector<ItemRow>& relevant) const {
        std::vector<ItemRow> sample;
        if (options_.sampled_negatives == 0) return sample;
        sample = relevant;
        Rng rng = Rng(options_.bootstrap.seed).fork(visit.user);
        const std::size_t wanted = std::min(relevant.size() + options_.sampled_negatives, log_.data.items.size());
        for (std::size_t tries = 0; sample.size() < wanted && tries < 20 * wanted; ++tries) {
            const auto item = static_cast<ItemRow>(rng.below(log_.data.items.size()));
            if (std::find(sample.begin(), sample.end(), item) == sample.end()) sample.push_back(item);
        }
        return sample;
    }

    [[nodiscard]] static bool allowed(const pipeline::Scratch& scratch, std::span<const ItemRow> sample, ItemRow item) {
        if (!sample.empty()) return std::find(sample.begin(), sample.end(), item) != sample.end();
        return item < scratch.hidden.size() && scratch.hidden[item] != scratch.hidden_mark;
    }

    [[nodiscard]] std::vector<ItemRow> popular_list(const pipeline::Scratch& scratch, std::span<const ItemRow> sample) const {
        std::vector<ItemRow> list;
        for (std::size_t i = 0; i < popular_.size() && list.size() < longest_; ++i) {
            if (allowed(scratch, sample, popular_[i])) list.push_back(popular_[i]);
        }
        return list;
    }

    [[nodiscard]] std::vector<ItemRow> random_list(const Visit& visit, const pipeline::Scratch& scratch, std::span<const ItemRow> sample) const {
        Rng rng = Rng(options_.bootstrap.seed + 1).fork(visit.user);
        std::vector<ItemRow> list;
        if (!sample.empty()) {
            list.assign(sample.begin(), sample.end());
            rng.shuffle(std::span(list));
            list.resize(std::min(longest_, list.size()));
            return list;
        }
        for (std::size_t tries = 0; list.size() < std::min(longest_, log_.data.items.size()) && tries < 20 * longest_; ++tries) {
            const auto item = static_cast<ItemRow>(rng.below(log_.data.items.size()));
            if (allowed(scratch, {}, item) && std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
        }
        return list;
    }

    // A retriever's own order: of what it proposed, or of the sample by its model's opinion.
    [[nodiscard]] std::vector<ItemRow> retrieved(const pipeline::Scratch& scratch, std::size_t retriever, bool sampled) const {
        std::vector<ItemRow> list;
        if (!sampled) {
            for (const auto& candidate : scratch.proposals[retriever]) {
                if (list.size() < longest_) list.push_back(candidate.item);
            }
            return list;
        }
        std::vector<float> opinions;
        for (std::size_t c = 0; c < scratch.candidates.size(); ++c) opinions.push_back(scratch.affinity[c * stages_.retrievers + retriever]);
        for (const std::uint32_t at : eval::rank_by_score(opinions, longest_)) list.push_back(scratch.candidates[at]);
        return list;
    }

    void add_list(std::size_t user, std::size_t stage, const std::vector<ItemRow>& list, const std::vector<ItemRow>& relevant,
                  eval::StageScores& scores) {
        scores.add_list(user, stage, list, relevant);
        const auto first = std::span(list).first(std::min(list.size(), options_.k.front()));
        if (stage < served_.size())
            std::copy(first.begin(), first.end(), served_[stage].begin() + static_cast<std::ptrdiff_t>(user * options_.k.front()));
        const auto embeddings = models_->embeddings();
        std::vector<float> vectors;
        for (const ItemRow item : first) {
            const std::size_t from = item * embeddings.width;
            if (embeddings.width == 0 || from + embeddings.width > embeddings.values.size()) continue;
            const auto vector = embeddings.values.subspan(from, embeddings.width);
            vectors.insert(vectors.end(), vector.begin(), vector.end());
        }
        if (!vectors.empty()) scores.set(user, stage, looks_at_, eval::intra_list_distance(vectors, embeddings.width));
        scores.set(user, stage, looks_at_ + 1, eval::novelty(first, surprise_));
        scores.set(user, stage, looks_at_ + 2, eval::popularity_share(first, head_));
    }

    void compare(const eval::StageScores& scores, EvaluationReport& report) const {
        const std::size_t last = stages_.has_extra ? stages_.extra() : stages_.blended();
        for (const std::size_t stage : {stages_.ranked(), stages_.slate()}) {
            for (std::size_t baseline = Stages::kPopularity; baseline <= last; ++baseline) {
                if (baseline >= stages_.ranked() && baseline <= stages_.slate()) continue;
                const auto found = scores.compare(stage, baseline, options_.bootstrap, pool_);
                report.comparisons.insert(report.comparisons.end(), found.begin(), found.end());
            }
        }
    }

    const CutLog& log_;
    std::shared_ptr<const pipeline::ServingModels> models_;
    const EvaluateOptions& options_;
    ThreadPool& pool_;
    const ExtraStage* extra_;
    Stages stages_;
    std::size_t surface_ = 0;
    std::size_t longest_ = 0;
    std::size_t looks_at_ = 0;
    std::vector<Visit> visits_;
    std::vector<double> surprise_;  // by item, in bits
    std::vector<ItemRow> popular_;
    std::vector<std::uint8_t> head_;
    std::vector<std::vector<ItemRow>> served_;  // by stage, shape (users, first k); kNoRow behind the end of a list
};

}  // namespace

Result<EvaluationReport> evaluate_models(const HeldOutLog& log, const std::shared_ptr<const pipeline::ServingModels>& models,
                                         const EvaluateOptions& options, ThreadPool& pool, const ExtraStage* extra) {
    if (options.k.empty()) return base::invalid_argument("evaluate: k: at least one number of positions is needed");
    SHORTLIST_ASSIGN(const auto cut, CutLog::create(log.data, models->signals(), log.split));
    EvaluationReport report;
    report.level = options.bootstrap.level;
    CatalogueEvaluation evaluation(cut, models, options, pool, extra);
    auto visits = cut.visits(Part::Test);
    report.warnings = held_out_warnings(log.data.events, cut.periods, cut.relevant, visits.size(), log.split);
    SHORTLIST_TRY(evaluation.run(std::move(visits), report));
    if (cut.periods.by_time()) evaluate_exposures(cut, models, options.bootstrap, pool, report);
    return report;
}

}  // namespace shortlist::training
