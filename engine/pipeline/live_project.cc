#include "engine/pipeline/live_project.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/bundle_folder.h"
#include "engine/data/catalogue.h"

namespace shortlist::pipeline {

namespace {

constexpr std::size_t kFeatureReasons = 5;
constexpr std::string_view kBundlesFolder = "bundles";

// The rows of the ids that the table knows.
std::vector<ItemRow> rows_of(const std::vector<std::string>& ids, const data::EntityTable& table) {
    std::vector<ItemRow> rows;
    for (const auto& id : ids) {
        if (const auto row = table.ids.find(id); row != kNoRow) rows.push_back(row);
    }
    return rows;
}

std::vector<std::uint32_t> context_codes(const std::vector<std::pair<std::string, std::string>>& context, const data::EventTable& events) {
    std::vector<std::uint32_t> codes(events.context_names.size(), 0);
    for (const auto& [name, value] : context) {
        const auto field = std::find(events.context_names.begin(), events.context_names.end(), name);
        if (field == events.context_names.end()) continue;
        const auto at = static_cast<std::size_t>(field - events.context_names.begin());
        const std::uint32_t code = events.context_values[at].find(value);
        codes[at] = code == kNoRow ? 0 : code;
    }
    return codes;
}

}  // namespace

// A bundle with the state its features need, as of the newest event.
struct LiveProject::Serving {
    Serving(std::string bundle_name, std::shared_ptr<const ServingModels> bundle_models, const data::Dataset& data)
        : bundle(std::move(bundle_name)), models(std::move(bundle_models)), fold(models->plan(), data.items, data.users, models->tick()) {}

    void publish(std::size_t items) { world = std::make_shared<World>(models, fold.publish_shared(), items); }

    std::string bundle;
    std::shared_ptr<const ServingModels> models;
    features::Fold fold;
    std::shared_ptr<const World> world;
};

LiveProject::LiveProject(std::filesystem::path folder, const base::Clock& clock, LiveOptions options, data::Log log, data::Dataset data)
    : folder_(std::move(folder)), clock_(clock), options_(options), log_(std::move(log)), data_(std::move(data)) {}

LiveProject::~LiveProject() = default;

Result<std::unique_ptr<LiveProject>> LiveProject::open(const std::filesystem::path& folder, const base::Clock& clock, LiveOptions options) {
    const double started = base::monotonic_seconds();
    SHORTLIST_ASSIGN(auto log, options.read_only ? data::Log::open_reader(folder) : data::Log::open_writer(folder));
    SHORTLIST_ASSIGN(auto data, data::load_dataset(folder));
    std::unique_ptr<LiveProject> project(new LiveProject(folder, clock, options, std::move(log), std::move(data)));
    SHORTLIST_ASSIGN(project->serving_, project->load_bundle());
    auto& events = project->data_.events;
    project->fold_events(events, *project->serving_);
    project->events_ = events.size();
    for (const TimeUs time : events.time) project->newest_event_ = std::max(project->newest_event_, time);
    data::EventTable kept;
    kept.context_names = std::move(events.context_names);
    kept.context_values = std::move(events.context_values);
    events = std::move(kept);
    project->serving_->publish(project->data_.items.size());
    project->seconds_to_ready_ = base::monotonic_seconds() - started;
    return project;
}

Result<std::shared_ptr<LiveProject::Serving>> LiveProject::load_bundle() const {
    SHORTLIST_ASSIGN(const auto bundle, data::open_current_bundle(folder_ / kBundlesFolder));
    SHORTLIST_ASSIGN(auto models, ServingModels::load(bundle, "", data_));
    return std::make_shared<Serving>(bundle.manifest.name, std::move(models), data_);
}

void LiveProject::fold_events(const data::EventTable& events, Serving& serving) const {
    const auto masks = features::fold_masks(events, serving.models->signals());
    for (std::size_t i = 0; i < events.size(); ++i) serving.fold.apply(features::fold_event(events, masks, i));
}

TimeUs LiveProject::request_time() const {
    const TimeUs now = clock_.now();
    const bool stands_still = options_.time == ServeTime::Log || (options_.time == ServeTime::Auto && now - newest_event_ > kDayUs);
    return stands_still ? newest_event_ : now;
}

// Shared state is to change at the tick, not when the next event happens to come: a replay lets the ticks up to a request pass, too.
void LiveProject::pass_ticks() {
    const auto is_due = [&] { return request_time() / serving_->models->tick() > serving_->fold.shared().tick_time() / serving_->models->tick(); };
    {
        const std::shared_lock state(state_);
        if (!is_due()) return;
    }
    const std::unique_lock state(state_);
    if (!is_due()) return;
    serving_->fold.advance_to(request_time());
    serving_->publish(data_.items.size());
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

Result<LiveSlate> LiveProject::recommend(const LiveRequest& question) {
    pass_ticks();
    auto scratch = take_scratch();
    const std::shared_lock lock(state_);
    const auto serving = serving_;
    Request request;
    SHORTLIST_ASSIGN(request.surface, serving->models->find_surface(question.surface));
    const auto context = context_codes(question.context, data_.events);
    const auto exclude = rows_of(question.exclude, data_.items);
    const auto candidates = rows_of(question.candidates, data_.items);
    request.user = question.user.empty() ? kNoRow : data_.users.ids.find(question.user);
    request.time = request_time();
    request.size = question.candidates.empty() ? question.size : std::max<std::size_t>(1, candidates.size());
    request.context = context;
    request.exclude = exclude;
    request.candidates = candidates;
    LiveSlate slate;
    slate.bundle = serving->bundle;
    // Candidates of whom none is known leave nothing to rank; without candidates the retrievers propose.
    if (question.candidates.empty() || !candidates.empty()) {
        const Recommender recommender(data_.items, data_.users);
        for (const auto& slot : recommender.recommend(request, serving->fold.user(request.user), *serving->world, *scratch)) {
            slate.items.push_back(describe(slot.item, slot.score));
            if (question.explain) explain(*scratch, slot, *serving->models, slate.items.back());
        }
        slate.degraded = scratch->trace.degraded;
        slate.stages = scratch->trace.stages;
    }
    give_scratch(std::move(scratch));
    return slate;
}

Result<LiveSlate> LiveProject::similar(const std::string& item, std::size_t count) {
    auto scratch = take_scratch();
    const std::shared_lock lock(state_);
    const auto serving = serving_;
    const ItemRow row = data_.items.ids.find(item);
    if (row == kNoRow) return base::not_found("item: no item is called '" + base::printable(item) + "'");
    LiveSlate slate;
    slate.bundle = serving->bundle;
    std::vector<retrieval::Candidate> found(count);
    std::size_t kept = 0;
    for (const auto& retriever : serving->models->retrievers()) {
        if (kept == 0) kept = retriever->similar(row, scratch->retriever, found);
    }
    for (std::size_t i = 0; i < kept; ++i) slate.items.push_back(describe(found[i].item, found[i].score));
    if (kept == 0) slate.degraded.emplace_back("similar: no model knows the item yet");
    give_scratch(std::move(scratch));
    return slate;
}

LiveItem LiveProject::describe(ItemRow row, float score) const {
    LiveItem item;
    item.id = std::string(data_.items.ids[row]);
    item.score = score;
    for (const auto& attribute : data_.items.attributes) {
        if (attribute.type == data::AttributeType::Text && item.title.empty()) item.title = attribute.texts[row];
    }
    return item;
}

void LiveProject::explain(const Scratch& scratch, const SlateItem& slot, const ServingModels& models, LiveItem& item) const {
    const std::size_t retrievers = models.retrievers().size();
    for (std::size_t r = 0; r < retrievers; ++r) {
        const std::size_t at = slot.candidate * retrievers + r;
        if (!std::isnan(scratch.rank[at])) {
            item.reasons.push_back({models.retrievers()[r]->name(), static_cast<std::size_t>(scratch.rank[at]), scratch.score[at]});
        }
    }
    if (models.ranker() == nullptr) return;
    const auto& columns = models.plan().columns();
    const auto row = std::span(scratch.rows).subspan(slot.candidate * columns.size(), columns.size());
    std::vector<double> contributions(columns.size());
    models.ranker()->explain(row, contributions);
    for (std::size_t c = 0; c < columns.size(); ++c) item.features.push_back({columns[c].config.name, row[c], contributions[c]});
    const std::size_t kept = std::min(kFeatureReasons, item.features.size());
    std::partial_sort(item.features.begin(), item.features.begin() + static_cast<std::ptrdiff_t>(kept), item.features.end(),
                      [](const FeatureReason& a, const FeatureReason& b) { return std::abs(a.contribution) > std::abs(b.contribution); });
    item.features.resize(kept);
}

// In memory what the log already holds. Requires the writing lock, and the state lock exclusively.
void LiveProject::apply(const data::Record& record) {
    if (const auto* item = std::get_if<data::ItemUpsert>(&record)) {
        data::apply_upsert(*item, data_.items);
    } else if (const auto* user = std::get_if<data::UserUpsert>(&record)) {
        data::apply_upsert(*user, data_.users);
    } else {
        const auto& event = std::get<data::Event>(record);
        const features::SignalMask mask = features::fold_mask(serving_->models->signals(), event.type, event.value);
        serving_->fold.apply({event.time, data_.users.add(event.user), data_.items.add(event.item), mask});
        newest_event_ = std::max(newest_event_, event.time);
        ++events_;
    }
}

Result<std::vector<Stored>> LiveProject::store(std::vector<data::Record> records, const std::function<Status(const data::Record&)>& check) {
    std::vector<Stored> answers(records.size());
    std::vector<data::Record> accepted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < records.size(); ++i) {
        answers[i].status = check(records[i]);
        if (!answers[i].status) continue;
        accepted.push_back(std::move(records[i]));
        places.push_back(i);
    }
    if (accepted.empty()) return answers;
    if (options_.read_only) return base::failed_precondition("the project is open for reading only");
    const std::lock_guard writing(writing_);
    SHORTLIST_ASSIGN(const auto outcomes, log_.append(accepted));
    const std::unique_lock state(state_);
    const TimeUs tick = serving_->fold.shared().tick_time();
    const std::size_t items = data_.items.size();
    for (std::size_t a = 0; a < accepted.size(); ++a) {
        answers[places[a]].duplicate = outcomes[a].duplicate;
        answers[places[a]].offset = outcomes[a].offset;
        if (!outcomes[a].duplicate) apply(accepted[a]);
    }
    if (serving_->fold.shared().tick_time() != tick || data_.items.size() != items) serving_->publish(data_.items.size());
    return answers;
}

Result<std::vector<Stored>> LiveProject::add_events(std::vector<data::Event> events) {
    const TimeUs now = clock_.now();
    std::vector<data::Record> records;
    for (auto& event : events) {
        if (event.time == 0) event.time = now;
        records.emplace_back(std::move(event));
    }
    return store(std::move(records),
                 [&](const data::Record& record) { return data::validate_event(std::get<data::Event>(record), now + options_.max_clock_skew); });
}

Result<std::vector<Stored>> LiveProject::upsert_items(std::vector<data::Upsert> upserts) {
    std::vector<data::Record> records;
    for (auto& upsert : upserts) records.emplace_back(data::ItemUpsert{std::move(upsert)});
    return store(std::move(records), [](const data::Record& record) { return data::validate_upsert(std::get<data::ItemUpsert>(record)); });
}

Result<std::vector<Stored>> LiveProject::upsert_users(std::vector<data::Upsert> upserts) {
    std::vector<data::Record> records;
    for (auto& upsert : upserts) records.emplace_back(data::UserUpsert{std::move(upsert)});
    return store(std::move(records), [](const data::Record& record) { return data::validate_upsert(std::get<data::UserUpsert>(record)); });
}

Result<std::string> LiveProject::reload() {
    SHORTLIST_ASSIGN(const auto name, data::current_bundle(folder_ / kBundlesFolder));
    {
        const std::shared_lock state(state_);
        if (serving_->bundle == name) return name;
    }
    // Writers wait from here on, so that no event falls between the log that is folded and the one that is served; requests go on.
    const std::lock_guard writing(writing_);
    SHORTLIST_ASSIGN(auto serving, load_bundle());
    SHORTLIST_ASSIGN(const auto logged, data::load_dataset(folder_));
    fold_events(logged.events, *serving);
    const std::unique_lock state(state_);
    serving->publish(data_.items.size());
    serving_ = std::move(serving);
    return serving_->bundle;
}

LiveProject::Facts LiveProject::facts() const {
    const std::shared_lock lock(state_);
    return {serving_->bundle,       events_,       data_.items.size(), data_.users.size(),
            serving_->fold.bytes(), newest_event_, seconds_to_ready_,  serving_->models->spec().surfaces.front().first};
}

}  // namespace shortlist::pipeline
