#include "engine/training/impression_rows.h"

#include <utility>
#include <vector>

#include "engine/features/executor.h"
#include "engine/features/fold.h"
#include "engine/training/log_walk.h"

namespace shortlist::training {

namespace {

// Computes rows on the thread that folds, from the state itself: a copy for another thread would cost more than the rows.
class ImpressionReplay {
public:
    ImpressionReplay(const ReplayLog& log, const features::FeaturePlan& plan, TimeUs tick, const Exposures& exposures)
        : log_(log),
          plan_(plan),
          exposures_(exposures),
          changing_(log.data.unchanged.value_or(data::Catalogue{})),
          items_(log.data.unchanged ? changing_.items : log.data.items),
          users_(log.data.unchanged ? changing_.users : log.data.users),
          fold_(plan, items_, users_, tick),
          executor_(plan, items_, users_),
          folded_(plan, log.data.events, log.masks),
          context_(log.data.events.context.size()) {
        if (log.share.increments != nullptr) fold_.share(*log.share.increments);
    }

    RowReport run() {
        std::vector<ReplayPoint> points;
        requests_.assign(log_.data.users.size(), 0);
        std::size_t rows = 0;
        for (const auto& group : exposures_.groups) {
            const std::size_t offset = exposures_.exposures[group.begin].offset;
            points.push_back({offset, group.user, log_.data.events.time[offset]});
            if (!log_.share.users.holds(group.user)) continue;
            ++requests_[group.user];
            rows += group.end - group.begin;
        }
        prepare(rows);
        walk_log(log_, points, /*to_last_point=*/true, *this);
        return std::move(report_);
    }

    void change(std::span<const data::Change> changes) { features::take_changes(changes, changing_, fold_); }

    void event(std::size_t i) {
        const auto& events = log_.data.events;
        if (!log_.share.users.holds(events.user[i])) return fold_.advance_to(events.time[i]);
        fold_.prefetch(events, i);
        fold_.apply(folded_[i]);
    }

    void point(std::size_t g) {
        const ExposureGroup& group = exposures_.groups[g];
        const auto shown = std::span(exposures_.exposures).subspan(group.begin, group.end - group.begin);
        const auto& events = log_.data.events;
        const std::size_t offset = shown.front().offset;
        fold_.advance_to(events.time[offset]);
        if (!log_.share.users.holds(group.user)) return;
        items_shown_.clear();
        for (const auto& exposure : shown) {
            items_shown_.push_back(exposure.item);
            report_.rows.labels.push_back(exposure.grade);
            report_.offsets.push_back(exposure.offset);
            report_.chosen += exposure.grade > 0 ? 1 : 0;
        }
        for (std::size_t field = 0; field < context_.size(); ++field) context_[field] = events.context[field][offset];
        const std::size_t begin = report_.rows.values.size();
        report_.rows.values.resize(begin + shown.size() * plan_.columns().size());
        executor_.compute({{events.time[offset], group.user, context_}, fold_.user(group.user), fold_.shared()}, items_shown_, {},
                          std::span(report_.rows.values).subspan(begin));
        report_.rows.weights.insert(report_.rows.weights.end(), shown.size(), 1.0F / static_cast<float>(requests_[group.user]));
        report_.rows.group_sizes.push_back(static_cast<std::uint32_t>(shown.size()));
        report_.places.push_back(static_cast<std::int64_t>(g));
        ++report_.requests;
    }

private:
    void prepare(std::size_t rows) {
        report_.rows.feature_names = plan_.names();
        for (const auto& column : plan_.columns()) report_.rows.categorical.push_back(column.categorical ? 1 : 0);
        report_.rows.values.reserve(rows * plan_.columns().size());
        report_.rows.labels.reserve(rows);
        report_.rows.weights.reserve(rows);
        report_.offsets.reserve(rows);
    }

    const ReplayLog& log_;
    const features::FeaturePlan& plan_;
    const Exposures& exposures_;
    data::Catalogue changing_;  // empty where items and users never changed
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    features::Fold fold_;
    features::FeatureExecutor executor_;
    features::FoldEvents folded_;
    std::vector<std::uint32_t> context_;
    std::vector<std::uint32_t> requests_;  // by user
    std::vector<ItemRow> items_shown_;
    RowReport report_;
};

}  // namespace

RowReport impression_rows(const ReplayLog& log, const features::FeaturePlan& plan, TimeUs tick, const Exposures& exposures) {
    return ImpressionReplay(log, plan, tick, exposures).run();
}

}  // namespace shortlist::training
