#include "engine/training/replay.h"

#include <algorithm>

#include "engine/features/fold.h"

namespace shortlist::training {

namespace {

// Points wait, each with a copy of its user's state, until shared state is about to change.
constexpr std::size_t kBatchMax = 512;

struct Waiting {
    std::size_t point = 0;
    features::UserState user;
    std::vector<std::uint32_t> context;
};

class Replay {
public:
    Replay(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, std::span<const ReplayPoint> points, ThreadPool& pool,
           const std::function<void(const ReplayMoment&)>& visit)
        : log_(log),
          models_(std::move(models)),
          points_(points),
          pool_(pool),
          visit_(visit),
          recommender_(log.data.items, log.data.users),
          scratches_(pool.size()),
          fold_(models_->plan(), log.data.items, log.data.users, models_->tick()) {}

    void run() {
        const auto& events = log_.data.events;
        std::size_t next = 0;
        for (std::size_t i = 0; i <= events.size() && next < points_.size(); ++i) {
            while (next < points_.size() && points_[next].offset <= i) add(next++);
            if (i == events.size()) break;
            if (!log_.happens.empty() && log_.happens[i] == 0) continue;
            advance(events.time[i]);
            fold_.apply(features::fold_event(events, log_.masks, i));
        }
        flush();
    }

private:
    void add(std::size_t point) {
        advance(points_[point].time);
        Waiting waiting{point, fold_.user(points_[point].user), {}};
        const auto& events = log_.data.events;
        if (points_[point].offset < events.size()) {
            for (const auto& field : events.context) waiting.context.push_back(field[points_[point].offset]);
        }
        waiting_.push_back(std::move(waiting));
        if (waiting_.size() == kBatchMax) flush();
    }

    // Shared state may change at this time: what waits must see it as it is.
    void advance(TimeUs time) {
        if (!waiting_.empty() && time / models_->tick() != fold_.shared().tick_time() / models_->tick()) flush();
        fold_.advance_to(time);
    }

    void flush() {
        if (waiting_.empty()) return;
        const pipeline::World world(models_, fold_.shared(), log_.data.items.size());
        pool_.parallel_for(waiting_.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t i = begin; i < end; ++i) {
                const Waiting& waiting = waiting_[i];
                ReplayMoment moment{waiting.point, {}, waiting.user, world, recommender_, scratches_[worker]};
                moment.request.user = points_[waiting.point].user;
                moment.request.time = points_[waiting.point].time;
                moment.request.context = waiting.context;
                visit_(moment);
            }
        });
        waiting_.clear();
    }

    const ReplayLog& log_;
    std::shared_ptr<const pipeline::ServingModels> models_;
    std::span<const ReplayPoint> points_;
    ThreadPool& pool_;
    const std::function<void(const ReplayMoment&)>& visit_;
    pipeline::Recommender recommender_;
    std::vector<pipeline::Scratch> scratches_;
    features::Fold fold_;
    std::vector<Waiting> waiting_;
};

}  // namespace

void replay(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, std::span<const ReplayPoint> points, ThreadPool& pool,
            const std::function<void(const ReplayMoment&)>& visit) {
    Replay(log, std::move(models), points, pool, visit).run();
}

}  // namespace shortlist::training
