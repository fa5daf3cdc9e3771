#include "engine/training/replay.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/features/fold.h"
#include "engine/training/log_walk.h"

namespace shortlist::training {

namespace {

// Moments that may wait for each thread: enough to smooth out slow ones, few enough for the states that they hold.
constexpr std::size_t kWaitingPerThread = 16;

struct Waiting {
    std::size_t point = 0;
    features::UserState user;
    std::vector<std::uint32_t> context;
    std::shared_ptr<const pipeline::World> world;
};

// One thread folds and lays moments in a queue, the others answer; the one that folds answers too while the queue is full.
class Replay {
public:
    Replay(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, std::span<const ReplayPoint> points, ThreadPool& pool,
           const std::function<void(const ReplayMoment&)>& visit)
        : log_(log),
          models_(std::move(models)),
          points_(points),
          pool_(pool),
          visit_(visit),
          changing_(log.data.unchanged.value_or(data::Catalogue{})),
          items_(log.data.unchanged ? changing_.items : log.data.items),
          users_(log.data.unchanged ? changing_.users : log.data.users),
          recommender_(items_, users_),
          scratches_(pool.size()),
          fold_(models_->plan(), items_, users_, models_->tick()) {
        if (log.share.increments != nullptr) fold_.share(*log.share.increments);
    }

    void run() {
        pool_.parallel_for(pool_.size(), 1, [&](std::size_t part, std::size_t, std::size_t worker) {
            if (part == 0) fold_all(worker);
            answer_all(worker);
        });
    }

private:
    // What the thread that folds does as it walks.
    struct Walker {
        Replay& replay;
        std::size_t worker;
        features::FoldEvents folded{replay.models_->plan(), replay.log_.data.events, replay.log_.masks};

        void change(std::span<const data::Change> changes) { replay.change(changes, worker); }
        void point(std::size_t at) { replay.add(at, worker); }
        void event(std::size_t i) {
            const auto& events = replay.log_.data.events;
            replay.advance(events.time[i]);
            if (replay.log_.share.users.holds(events.user[i])) replay.fold_.apply(folded[i]);
        }
    };

    void fold_all(std::size_t worker) {
        walk_log(log_, points_, /*to_last_point=*/true, Walker{*this, worker});
        const std::lock_guard lock(mutex_);
        folded_ = true;
        changed_.notify_all();
    }

    void add(std::size_t point, std::size_t worker) {
        advance(points_[point].time);
        if (!log_.share.users.holds(points_[point].user)) return;
        if (!world_) world_ = std::make_shared<const pipeline::World>(models_, fold_.publish_shared(), items_.size());
        Waiting waiting{point, fold_.user(points_[point].user), {}, world_};
        const auto& events = log_.data.events;
        if (points_[point].offset < events.size()) {
            for (const auto& field : events.context) waiting.context.push_back(field[points_[point].offset]);
        }
        std::unique_lock lock(mutex_);
        if (waiting_.size() == kWaitingPerThread * pool_.size()) answer_first(lock, worker);
        waiting_.push_back(std::move(waiting));
        changed_.notify_one();
    }

    // Those who answer read the catalogue: it changes while nobody does.
    void change(std::span<const data::Change> changes, std::size_t worker) {
        std::unique_lock lock(mutex_);
        while (!waiting_.empty()) answer_first(lock, worker);
        changed_.wait(lock, [&] { return answering_ == 0; });
        features::take_changes(changes, changing_, fold_);
        world_.reset();
    }

    // Shared state may change at this time: what is published is then of the past.
    void advance(TimeUs time) {
        if (world_ && time / models_->tick() != fold_.shared().tick_time() / models_->tick()) world_.reset();
        fold_.advance_to(time);
    }

    void answer_all(std::size_t worker) {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [&] { return folded_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            answer_first(lock, worker);
        }
    }

    // Takes the first moment, and leaves the lock while it is answered.
    void answer_first(std::unique_lock<std::mutex>& lock, std::size_t worker) {
        const Waiting waiting = std::move(waiting_.front());
        waiting_.pop_front();
        ++answering_;
        lock.unlock();
        ReplayMoment moment{waiting.point, {}, waiting.user, *waiting.world, recommender_, scratches_[worker]};
        moment.request.user = points_[waiting.point].user;
        moment.request.time = points_[waiting.point].time;
        moment.request.context = waiting.context;
        visit_(moment);
        lock.lock();
        if (--answering_ == 0) changed_.notify_all();
    }

    const ReplayLog& log_;
    std::shared_ptr<const pipeline::ServingModels> models_;
    std::span<const ReplayPoint> points_;
    ThreadPool& pool_;
    const std::function<void(const ReplayMoment&)>& visit_;
    data::Catalogue changing_;  // empty where items and users never changed
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    pipeline::Recommender recommender_;
    std::vector<pipeline::Scratch> scratches_;
    features::Fold fold_;
    std::shared_ptr<const pipeline::World> world_;  // as the fold stands; null when nobody asked for it yet

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;
    std::size_t answering_ = 0;
    bool folded_ = false;
};

}  // namespace

void replay(const ReplayLog& log, std::shared_ptr<const pipeline::ServingModels> models, std::span<const ReplayPoint> points, ThreadPool& pool,
            const std::function<void(const ReplayMoment&)>& visit) {
    Replay(log, std::move(models), points, pool, visit).run();
}

}  // namespace shortlist::training
