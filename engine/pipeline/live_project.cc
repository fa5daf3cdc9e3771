#include "engine/pipeline/live_project.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <random>
#include <utility>

#include "engine/base/process_memory.h"
#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"
#include "engine/pipeline/ask.h"
#include "engine/pipeline/cold_users.h"

namespace shortlist::pipeline {

namespace {

/// Records that are folded before requests have their turn: about a quarter of a millisecond's work.
constexpr std::size_t kFoldedAtOnce = 64;
constexpr std::string_view kBundlesFolder = "bundles";
/// The log is cut once this part of what it keeps has piled up beyond it: each time, all that is left is folded anew.
constexpr TimeUs kKeptBeforeCut = 10;

}  // namespace

// A bundle, what the log says to its models, and what of that requests read.
struct LiveProject::Serving {
    void publish() { world = state->publish(); }

    data::Bundle bundle;
    std::unique_ptr<ColdUsers> cold;  ///< Null where all users stay in memory; outlives the state.
    std::unique_ptr<LogState> state;
    std::unique_ptr<SharedUsers> shared;  ///< Null where this server shares no users.
    std::uint64_t restored = 0;  ///< Records that a snapshot stood for; the others were folded.
    std::uint64_t offset = 0;    ///< Of the first record that is not part of the state; served lists change none, and may lie on either side.
    std::string epoch;           ///< Of the offset.
    std::shared_ptr<const World> world;
};

LiveProject::LiveProject(std::filesystem::path folder, const base::Clock& clock, LiveOptions options, data::Log log)
    : folder_(std::move(folder)), clock_(clock), options_(std::move(options)), log_(std::move(log)) {}

LiveProject::~LiveProject() {
    if (options_.read_only || !serving_) return;
    impressions_.reset();  // writes what waits, before the snapshot
    writes_.reset();
    {
        const std::lock_guard lock(snapshots_mutex_);
        closing_ = true;
    }
    snapshots_wanted_.notify_one();
    sharing_wanted_.notify_one();
    if (snapshots_.joinable()) snapshots_.join();
    if (sharing_.joinable()) sharing_.join();
    if (log_.end() > snapshot_end_) take_snapshot();
}

Result<std::unique_ptr<LiveProject>> LiveProject::open(const std::filesystem::path& folder, const base::Clock& clock, LiveOptions options) {
    const double started = base::monotonic_seconds();
    SHORTLIST_ASSIGN(auto log, options.read_only ? data::Log::open_reader(folder) : data::Log::open_writer(folder, options.log));
    std::unique_ptr<LiveProject> project(new LiveProject(folder, clock, std::move(options), std::move(log)));
    if (!project->options_.read_only) ColdUsers::clear(folder);
    if (project->holds_much_that_is_old()) project->compact_log();
    SHORTLIST_ASSIGN(project->serving_, project->load_bundle());
    base::release_freed_memory();
    project->seconds_to_ready_ = base::monotonic_seconds() - started;
    if (!project->options_.read_only) project->start_threads();
    return project;
}

Result<std::shared_ptr<LiveProject::Serving>> LiveProject::load_bundle() const {
    auto serving = std::make_shared<Serving>();
    serving->epoch = log_.epoch();
    SHORTLIST_ASSIGN(serving->bundle, data::open_current_bundle(folder_ / kBundlesFolder));
    features::UserBound bound;
    if (options_.user_bytes > 0 && !options_.read_only) {
        SHORTLIST_ASSIGN(serving->cold, ColdUsers::open(folder_, options_.user_bytes));
        bound = serving->cold->bound();
    }
    auto snapshot = find_snapshot(serving->bundle, bound);
    if (snapshot) {
        serving->state = std::move(snapshot->state);
        serving->restored = snapshot->place.offset;
        SHORTLIST_TRY(log_.read_tail(serving->restored, [&](std::uint64_t, const data::Record& record) -> Status {
            serving->state->take(record);
            return {};
        }));
        serving->offset = log_.end();
    } else {
        if (snapshot.error().code != ErrorCode::NotFound) warn("snapshot not used: " + snapshot.error().message);
        SHORTLIST_ASSIGN(auto data, data::load_dataset(folder_));
        serving->offset = data.log_end;
        SHORTLIST_ASSIGN(auto models, ServingModels::load(serving->bundle, "", data));
        serving->state = std::make_unique<LogState>(std::move(models), std::move(data), bound);
    }
    if (options_.shared_users) {
        std::random_device random;
        const std::uint64_t writer = std::uint64_t{random()} << 32U | random();
        serving->shared = std::make_unique<SharedUsers>(options_.shared_users(serving->state->user_layout()), writer);
    }
    serving->publish();
    return serving;
}

Result<Snapshot> LiveProject::find_snapshot(const data::Bundle& bundle, const features::UserBound& bound) const {
    if (!options_.use_snapshot) return base::not_found("no snapshot is asked for");
    const auto fits = [this](const LogPlace& place) {
        return place.epoch == log_.epoch() && place.offset >= log_.tail_begin() && place.offset <= log_.end();
    };
    return load_snapshot(folder_, bundle, fits, {static_cast<bool>(options_.shared_users), bound});
}

void LiveProject::warn(const std::string& line) const {
    if (options_.warn) options_.warn(line);
}

void LiveProject::start_threads() {
    writes_.emplace([this](std::vector<Write>& writes) { commit(writes); });
    if (options_.impressions.log) {
        impressions_ = std::make_unique<ImpressionQueue>(
            options_.impressions.queue, [this](std::vector<data::Record> lists) { return write_lists(std::move(lists)); },
            [this](const Error& error) { warn("lists not logged: " + error.message); });
    }
    if (options_.shared_users) sharing_ = std::thread([this] { share_in_background(); });
    snapshot_end_ = serving_->restored;
    snapshots_ = std::thread([this] {
        std::unique_lock lock(snapshots_mutex_);
        while (true) {
            snapshots_wanted_.wait(lock, [this] { return closing_ || log_.end() >= snapshot_end_ + options_.snapshot_records; });
            if (closing_) return;
            lock.unlock();
            if (!let_older_go()) take_snapshot();
            if (const auto sealed = log_.seal(options_.segment_records); !sealed) warn("log not sealed: " + sealed.error().message);
            base::release_freed_memory();  // what a snapshot and a segment were written from
            lock.lock();
        }
    });
}

// Writers wait, so that nothing changes meanwhile; requests go on.
void LiveProject::take_snapshot() {
    const std::lock_guard writing(writing_);
    write_snapshot();
}

// Requires writing_.
void LiveProject::write_snapshot() {
    const LogPlace place{serving_->epoch, log_.end()};
    auto saved = log_.sync();
    if (saved) saved = save_snapshot(folder_, serving_->bundle, place, *serving_->state, {serving_->shared != nullptr, {}});
    if (!saved) warn("no snapshot: " + saved.error().message);
    const std::lock_guard lock(snapshots_mutex_);
    snapshot_end_ = place.offset;  // where it failed, too: the next attempt comes as many records later
}

TimeUs LiveProject::request_time() const {
    const TimeUs now = clock_.now();
    const TimeUs newest = serving_->state->newest_event();
    const bool stands_still = options_.time == ServeTime::Log || (options_.time == ServeTime::Auto && now - newest > kDayUs);
    return stands_still ? newest : now;
}

// Shared state is to change at the tick, not when the next event happens to come. The log hears of it, so that a replay lets the
// same ticks pass between the same events.
void LiveProject::pass_ticks() {
    const auto due = [&]() -> std::optional<data::Tick> {
        const std::shared_lock state(state_);
        const TimeUs tick = serving_->state->models().tick();
        const TimeUs time = std::min(request_time(), latest_tick_.load()) / tick * tick;
        return time > serving_->state->fold().shared().tick_time() ? std::optional(data::Tick{time}) : std::nullopt;
    };
    if (!due()) return;
    // While somebody writes, perhaps waiting for the disk, the state of before goes on serving: the next request asks again.
    const std::unique_lock writing(writing_, std::try_to_lock);
    if (!writing) return;
    const auto tick = due();
    if (!tick || (!options_.read_only && !log_.append_tick(tick->time))) return;
    const std::unique_lock state(state_);
    serving_->state->take(*tick);
    if (!options_.read_only) serving_->offset = log_.end();
    serving_->publish();
}

std::unique_ptr<Scratch> LiveProject::take_scratch() {
    const std::lock_guard lock(scratches_mutex_);
    if (scratches_.empty()) return std::make_unique<Scratch>();
    auto scratch = std::move(scratches_.back());
    scratches_.pop_back();
    return scratch;
}

void LiveProject::give_scratch(std::unique_ptr<Scratch> scratch) {
    const std::lock_guard lock(scratches_mutex_);
    scratches_.push_back(std::move(scratch));
}

// Another server may know more of the user. Errors: those of the store.
Status LiveProject::look_up_shared(const std::string& user) {
    if (!options_.shared_users || user.empty()) return {};
    std::shared_ptr<Serving> serving;
    {
        const std::shared_lock lock(state_);
        serving = serving_;
    }
    SHORTLIST_ASSIGN(const auto arrival, serving->shared->look(user));
    if (!arrival) return {};
    Status installed;
    change(*serving, [&](LogState& state) {
        if (serving == serving_) installed = serving->shared->install(*arrival, state);
    });
    return installed;
}

// Requires writing_. What was folded goes to the servers that share users with this one, before anybody is told that it was stored.
void LiveProject::share(std::span<const data::Record> records, std::span<const data::AppendOutcome> outcomes) {
    std::vector<std::string> users;
    for (std::size_t r = 0; r < records.size(); ++r) {
        const auto* event = std::get_if<data::Event>(&records[r]);
        if (event == nullptr || outcomes[r].duplicate) continue;
        serving_->shared->folded(*event, outcomes[r].offset);
        users.push_back(event->user);
    }
    std::ranges::sort(users);
    users.erase(std::unique(users.begin(), users.end()), users.end());
    settle(*serving_, users);
}

// Requires writing_. Who cannot be settled waits for share_in_background(); requests name the store meanwhile.
void LiveProject::settle(Serving& serving, std::span<const std::string> users) {
    const StateAccess access{[&](const auto& use) {
                                 const std::shared_lock lock(state_);
                                 use(*serving.state);
                             },
                             [&](const auto& use) { change(serving, use); }};
    const auto settled = serving.shared->settle(users, access);
    if (!settled && !sharing_fails_.exchange(true)) warn("users not shared for now: " + settled.error().message);
    if (settled && sharing_fails_.exchange(false)) warn("users are shared again");
}

void LiveProject::share_in_background() {
    constexpr auto kPause = std::chrono::milliseconds(200);
    constexpr std::size_t kAtOnce = 1000;
    std::unique_lock lock(snapshots_mutex_);
    while (!closing_) {
        sharing_wanted_.wait_for(lock, kPause, [this] { return closing_; });
        lock.unlock();
        {
            const std::lock_guard writing(writing_);
            const auto users = serving_->shared->unsettled(kAtOnce);
            if (!users.empty()) settle(*serving_, users);
        }
        lock.lock();
    }
}

Result<LiveSlate> LiveProject::recommend(const LiveRequest& question) {
    pass_ticks();
    const auto looked_up = look_up_shared(question.user);
    auto scratch = take_scratch();
    LiveSlate slate;
    data::ServedList list;
    {
        // Whoever knows the offset knows the state: under this lock nobody changes it, and `world` is what it published last.
        const std::shared_lock lock(state_);
        const auto serving = serving_;
        const LogState& state = *serving->state;
        list.time = request_time();
        // What records of other logs are part of, this log does not give: such a list names no log to ask again from.
        if (!serving->shared || !serving->shared->is_foreign(question.user)) list.epoch = serving->epoch;
        list.offset = serving->offset;
        list.tick = serving->world->shared().tick_time();
        slate.bundle = serving->bundle.manifest.name;
        SHORTLIST_ASSIGN(const auto slots, ask({question, list.time}, state, *serving->world, *scratch));
        for (const auto& slot : slots) {
            slate.items.push_back(describe(slot.item, slot.score, state.items()));
            if (question.explain) explain(*scratch, slot, state.models(), slate.items.back());
        }
        const bool is_logged = impressions_ && !question.request_id.empty();
        if (is_logged && is_sampled(question.request_id, options_.impressions.features)) list.features = ranker_rows(slots, *scratch, state.models());
    }
    slate.degraded = scratch->trace.degraded;
    if (!looked_up) slate.degraded.push_back("users: " + looked_up.error().message);
    slate.stages = scratch->trace.stages;
    slate.logged = log_list(question, slate, std::move(list));
    give_scratch(std::move(scratch));
    return slate;
}

// Offers the list to the log; `list` holds what it saw already.
bool LiveProject::log_list(const LiveRequest& question, const LiveSlate& slate, data::ServedList list) {
    if (!impressions_ || question.request_id.empty()) return false;
    list.request = question;
    list.bundle = slate.bundle;
    for (const auto& item : slate.items) list.items.push_back({item.id, item.score});
    return impressions_->offer(std::move(list));
}

Result<LiveSlate> LiveProject::similar(const std::string& item, std::size_t count) {
    auto scratch = take_scratch();
    const std::shared_lock lock(state_);
    const auto serving = serving_;
    const auto& items = serving->state->items();
    const ItemRow row = items.ids.find(item);
    if (row == kNoRow) return base::not_found("item: no item is called '" + base::printable(item) + "'");
    LiveSlate slate;
    slate.bundle = serving->bundle.manifest.name;
    std::vector<retrieval::Candidate> found(count);
    std::size_t kept = 0;
    for (const auto& retriever : serving->state->models().retrievers()) {
        if (kept == 0) kept = retriever->similar(row, scratch->retriever, found);
    }
    for (std::size_t i = 0; i < kept; ++i) slate.items.push_back(describe(found[i].item, found[i].score, items));
    if (kept == 0) slate.degraded.emplace_back("similar: no model knows the item yet");
    give_scratch(std::move(scratch));
    return slate;
}

void LiveProject::submit(std::vector<data::Record> records, StoreDone done) { submit(std::move(records), {}, std::move(done)); }

void LiveProject::submit(std::vector<data::Record> records, std::vector<data::StreamPosition> positions, StoreDone done) {
    const TimeUs now = clock_.now();
    Write write{{}, std::move(positions), std::vector<Stored>(records.size()), {}, std::move(done)};
    write.records.reserve(records.size());
    write.places.reserve(records.size());
    for (std::size_t r = 0; r < records.size(); ++r) {
        if (auto* event = std::get_if<data::Event>(&records[r]); event != nullptr && event->time == 0) event->time = now;
        write.answers[r].status = check(records[r]);
        if (!write.answers[r].status) continue;
        write.records.push_back(std::move(records[r]));
        write.places.push_back(r);
    }
    if (write.records.empty() && write.positions.empty()) return write.done(std::move(write.answers));
    if (!writes_) return write.done(base::failed_precondition("the project is open for reading only"));
    writes_->submit(std::move(write));
}

Result<std::vector<Stored>> LiveProject::store(std::vector<data::Record> records, std::vector<data::StreamPosition> positions) {
    std::promise<Result<std::vector<Stored>>> stored;
    submit(std::move(records), std::move(positions), [&stored](Result<std::vector<Stored>> answers) { stored.set_value(std::move(answers)); });
    return stored.get_future().get();
}

void LiveProject::commit(std::vector<Write>& writes) {
    const Status written = write_all(writes);
    for (Write& write : writes) written ? write.done(std::move(write.answers)) : write.done(written.error());
}

// Writes what several callers want with one synced write, and folds it. Where it fails, nothing of it is written.
Status LiveProject::write_all(std::vector<Write>& writes) {
    std::vector<data::Record> records;
    std::vector<data::StreamPosition> positions;
    for (Write& write : writes) {
        std::ranges::move(write.records, std::back_inserter(records));
        std::ranges::move(write.positions, std::back_inserter(positions));
    }
    const std::lock_guard writing(writing_);
    SHORTLIST_ASSIGN(const auto outcomes, log_.append(records, positions));
    auto outcome = outcomes.begin();
    for (Write& write : writes) {
        for (const std::size_t place : write.places) {
            write.answers[place].duplicate = outcome->duplicate;
            write.answers[place].offset = outcome++->offset;
        }
    }
    if (log_.end() >= snapshot_end_ + options_.snapshot_records) {
        const std::lock_guard lock(snapshots_mutex_);  // whoever looked and is about to wait hears of it
        snapshots_wanted_.notify_one();
    }
    // Requests need not wait for lists, which change nothing that they see.
    if (std::ranges::all_of(records, [](const data::Record& record) { return std::holds_alternative<data::ServedList>(record); })) return {};
    fold(records, outcomes);
    if (serving_->shared) share(records, outcomes);
    return {};
}

// Requires writing_. Some records at a time, so that requests get in between.
void LiveProject::fold(std::span<const data::Record> records, std::span<const data::AppendOutcome> outcomes) {
    for (std::size_t begin = 0; begin < records.size(); begin += kFoldedAtOnce) {
        const std::size_t end = std::min(begin + kFoldedAtOnce, records.size());
        change(*serving_, [&](LogState& state) {
            for (std::size_t r = begin; r < end; ++r) {
                if (outcomes[r].duplicate) continue;
                state.take(records[r]);
                serving_->offset = outcomes[r].offset + 1;
            }
        });
    }
}

// While no request reads the state; what they then read otherwise is published.
void LiveProject::change(Serving& serving, const std::function<void(LogState& state)>& use) {
    const std::unique_lock lock(state_);
    const TimeUs tick = serving.state->fold().shared().tick_time();
    const std::size_t items = serving.state->items().size();
    use(*serving.state);
    if (serving.state->fold().shared().tick_time() != tick || serving.state->items().size() != items) serving.publish();
}

// Among the other writers, each in turn: a list that waited for the log to be idle would wait for ever.
Status LiveProject::write_lists(std::vector<data::Record> lists) {
    const auto told = options_.list_logged ? lists : std::vector<data::Record>();
    SHORTLIST_TRY(store(std::move(lists)));
    for (const auto& list : told) options_.list_logged(std::get<data::ServedList>(list));
    return {};
}

Result<std::vector<Stored>> LiveProject::add_events(std::vector<data::Event> events) {
    return store({std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())});
}

Result<std::vector<Stored>> LiveProject::upsert_items(std::vector<data::Upsert> upserts) {
    std::vector<data::Record> records;
    for (auto& upsert : upserts) records.emplace_back(data::ItemUpsert{std::move(upsert)});
    return store(std::move(records));
}

Result<std::vector<Stored>> LiveProject::upsert_users(std::vector<data::Upsert> upserts) {
    std::vector<data::Record> records;
    for (auto& upsert : upserts) records.emplace_back(data::UserUpsert{std::move(upsert)});
    return store(std::move(records));
}

Result<std::size_t> LiveProject::take_stream(std::vector<data::Record> records, std::vector<data::StreamPosition> positions) {
    TimeUs passed = 0;
    {
        const std::shared_lock state(state_);
        passed = serving_->state->fold().shared().tick_time();
    }
    std::erase_if(records, [passed](const data::Record& record) {
        const auto* tick = std::get_if<data::Tick>(&record);
        return tick != nullptr && tick->time <= passed;
    });
    SHORTLIST_ASSIGN(const auto answers, store(std::move(records), std::move(positions)));
    std::size_t known = 0;
    for (const auto& answer : answers) {
        if (!answer.status) return answer.status.error();
        known += answer.duplicate ? 1 : 0;
    }
    return known;
}

Status LiveProject::check(const data::Record& record) const {
    if (const auto* event = std::get_if<data::Event>(&record)) return data::validate_event(*event, clock_.now() + options_.max_clock_skew);
    if (const auto* item = std::get_if<data::ItemUpsert>(&record)) return data::validate_upsert(*item);
    if (const auto* user = std::get_if<data::UserUpsert>(&record)) return data::validate_upsert(*user);
    return {};
}

Result<data::Forgotten> LiveProject::forget(const std::string& user) {
    if (options_.read_only) return base::failed_precondition("the project is open for reading only");
    if (impressions_) impressions_->flush();  // lists of theirs that wait for the log would come behind
    const std::lock_guard writing(writing_);
    if (serving_->shared) SHORTLIST_TRY(serving_->shared->erase(user));
    SHORTLIST_ASSIGN(const auto forgotten, log_.forget(user));
    SHORTLIST_TRY(take_up_log());
    return forgotten;
}

// Requires writing_. The log is another one, and there is no snapshot of it: all that is left is folded.
Status LiveProject::take_up_log() {
    snapshot_end_ = log_.end();  // where it fails, too: it is tried again as many records later
    SHORTLIST_ASSIGN(auto serving, load_bundle());
    {
        const std::unique_lock state(state_);
        serving_ = std::move(serving);
    }
    write_snapshot();
    return {};
}

bool LiveProject::holds_much_that_is_old() const {
    const TimeUs keep = options_.log.keep.us;
    if (keep == 0 || options_.read_only) return false;
    const auto holds = log_.holds_older(keep + keep / kKeptBeforeCut);
    if (!holds) warn("log not compacted: " + holds.error().message);
    return holds.value_or(false);
}

void LiveProject::compact_log() {
    if (const auto gone = log_.compact(options_.log.keep.us); !gone) warn("log not compacted: " + gone.error().message);
}

// What fails is tried again at the next snapshot. True where a snapshot was taken.
bool LiveProject::let_older_go() {
    const bool much = holds_much_that_is_old();
    const std::lock_guard writing(writing_);
    if (much) compact_log();
    if (log_.epoch() == serving_->epoch) return false;
    const auto taken_up = take_up_log();
    if (!taken_up) warn("log not folded anew: " + taken_up.error().message);
    return taken_up.has_value();
}

Result<std::string> LiveProject::reload() {
    SHORTLIST_ASSIGN(const auto name, data::current_bundle(folder_ / kBundlesFolder));
    {
        const std::shared_lock state(state_);
        if (serving_->bundle.manifest.name == name) return name;
    }
    // Writers wait from here on, so that no event falls between the log that is folded and the one that is served; requests go on.
    const std::lock_guard writing(writing_);
    SHORTLIST_ASSIGN(auto serving, load_bundle());
    const std::unique_lock state(state_);
    serving_ = std::move(serving);
    snapshot_end_ = serving_->restored;
    snapshots_wanted_.notify_one();
    return name;
}

std::string LiveProject::state_digest() const {
    const std::shared_lock lock(state_);
    return serving_->state->digest();
}

LiveProject::Facts LiveProject::facts() const {
    const std::shared_lock lock(state_);
    const LogState& state = *serving_->state;
    return {serving_->bundle.manifest.name,
            state.events(),
            state.items().size(),
            state.users().size(),
            state.fold().bytes(),
            serving_->shared != nullptr,
            serving_->shared ? serving_->shared->counts() : SharedUsers::Counts{},
            state.newest_event(),
            seconds_to_ready_,
            serving_->restored,
            serving_->offset,
            impressions_ ? impressions_->counts() : ImpressionQueue::Counts{},
            state.models().tick(),
            state.models().spec().surfaces.front().first};
}

}  // namespace shortlist::pipeline
