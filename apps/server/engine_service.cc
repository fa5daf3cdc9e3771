#include "apps/server/engine_service.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <random>
#include <utility>

#include "apps/server/kafka_intake.h"
#include "apps/server/message.h"
#include "engine/base/clock.h"
#include "engine/base/config_reader.h"
#include "engine/kafka/producer.h"
#include "engine/pipeline/live_project.h"
#include "engine/project/project_config.h"
#include "engine/store/redis_store.h"

namespace shortlist::server {

namespace {

RecommendResponse answer_of(const std::string& request_id, pipeline::LiveSlate slate) {
    RecommendResponse response;
    response.request_id = request_id;
    response.logged = slate.logged;
    response.bundle = std::move(slate.bundle);
    response.degraded = std::move(slate.degraded);
    for (auto& item : slate.items) {
        RecommendedItem& out = response.items.emplace_back();
        out.id = std::move(item.id);
        out.score = item.score;
        out.title = std::move(item.title);
        for (auto& reason : item.reasons) out.reasons.push_back({std::move(reason.retriever), reason.rank, reason.score});
        for (auto& feature : item.features) out.features.push_back({std::move(feature.name), feature.value, "", feature.contribution});
    }
    for (const auto& stage : slate.stages) response.stages.push_back({stage.name, static_cast<std::int64_t>(stage.seconds * 1e6)});
    return response;
}

std::vector<WriteOutcome> outcomes_of(const std::vector<pipeline::Stored>& stored) {
    std::vector<WriteOutcome> outcomes;
    outcomes.reserve(stored.size());
    for (const auto& one : stored) {
        WriteOutcome& outcome = outcomes.emplace_back();
        if (!one.status) {
            outcome.status = WriteStatus::Rejected;
            outcome.message = one.status.error().message;
            outcome.field = outcome.message.substr(0, outcome.message.find_first_of(": "));
        } else if (one.duplicate) {
            outcome.status = WriteStatus::Duplicate;
        }
    }
    return outcomes;
}

// A project that is served. Before its first bundle it is not ready, and reload() tries again.
class EngineService final : public Service {
public:
    EngineService(std::filesystem::path folder, pipeline::LiveOptions options) : folder_(std::move(folder)), options_(std::move(options)) {}

    // Errors: those of LiveProject::open, but that no bundle is in force yet, which readiness() tells.
    Status open() {
        auto live = pipeline::LiveProject::open(folder_, clock_, options_);
        const std::lock_guard lock(mutex_);
        if (!live) {
            reason_ = live.error().message;
            return std::move(live).error();
        }
        live_ = std::move(*live);
        return {};
    }

    // Lists that are logged from open() on go to a topic as well. Errors: InvalidArgument (serve.kafka.options).
    Status produce(const kafka::KafkaConfig& config, const LogSink& log) {
        const auto warn = [log](const std::string& line) { log(LogLevel::Warning, "kafka: " + line); };
        SHORTLIST_ASSIGN(lists_, kafka::Producer::open(config, config.lists, lists_sent_, warn));
        options_.list_logged = [this, format = config.format](const data::ServedList& list) {
            if (!lists_->send(list.request.user, write_message(list, format))) ++lists_sent_.lost;
        };
        return {};
    }

    // Begins to consume, once there is a project to feed.
    Status consume(const kafka::KafkaConfig& config, const MessageRules& rules, const LogSink& log) {
        const auto project = [this]() -> std::shared_ptr<pipeline::LiveProject> { return ready().value_or(nullptr); };
        SHORTLIST_ASSIGN(intake_, KafkaIntake::start({config, rules, folder_, clock_, project, log}));
        return {};
    }

    Result<RecommendResponse> recommend(const RecommendRequest& request) override {
        SHORTLIST_ASSIGN(const auto live, ready());
        pipeline::LiveRequest question;
        question.request_id = request.request_id;
        question.user = request.user;
        question.surface = request.surface;
        question.size = request.k;
        question.context = request.context;
        question.exclude = request.exclude;
        question.explain = request.explain;
        SHORTLIST_ASSIGN(auto slate, live->recommend(question));
        return answer_of(request.request_id, std::move(slate));
    }

    Result<RecommendResponse> rank(const RankRequest& request) override {
        SHORTLIST_ASSIGN(const auto live, ready());
        pipeline::LiveRequest question;
        question.request_id = request.request_id;
        question.user = request.user;
        question.surface = request.surface;
        question.context = request.context;
        question.candidates = request.items;
        question.explain = request.explain;
        SHORTLIST_ASSIGN(auto slate, live->recommend(question));
        return answer_of(request.request_id, std::move(slate));
    }

    Result<RecommendResponse> similar(const SimilarRequest& request) override {
        SHORTLIST_ASSIGN(const auto live, ready());
        SHORTLIST_ASSIGN(auto slate, live->similar(request.item, request.k == 0 ? kSimilarDefault : request.k));
        return answer_of(request.request_id, std::move(slate));
    }

    void store_events(std::vector<data::Event> events, WriteDone done) override {
        submit({std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())}, std::move(done));
    }

    void upsert_items(std::vector<Entity> items, WriteDone done) override {
        std::vector<data::Record> records;
        for (const auto& item : items) records.emplace_back(data::ItemUpsert{upsert_of(item)});
        submit(std::move(records), std::move(done));
    }

    void upsert_users(std::vector<Entity> users, WriteDone done) override {
        std::vector<data::Record> records;
        for (const auto& user : users) records.emplace_back(data::UserUpsert{upsert_of(user)});
        submit(std::move(records), std::move(done));
    }

    Result<ForgottenUser> forget_user(const UserId& user) override {
        SHORTLIST_ASSIGN(const auto live, ready());
        SHORTLIST_ASSIGN(const auto forgotten, live->forget(user));
        return ForgottenUser{user, forgotten.imported_events + forgotten.live_events, forgotten.updates, forgotten.lists};
    }

    Result<Reloaded> reload() override {
        auto live = ready();
        if (!live) {
            SHORTLIST_TRY(open());
            SHORTLIST_ASSIGN(const auto opened, ready());
            return Reloaded{opened->facts().bundle, ""};
        }
        Reloaded reloaded;
        reloaded.previous = (*live)->facts().bundle;
        SHORTLIST_ASSIGN(reloaded.bundle, (*live)->reload());
        return reloaded;
    }

    Readiness readiness() override {
        const auto live = ready();
        if (!live) return {false, "", live.error().message, {}};
        return {true, (*live)->facts().bundle, "", intake_ ? intake_->degraded() : std::vector<std::string>()};
    }

    std::vector<ServiceMetric> metrics() override {
        const auto live = ready();
        if (!live) return {};
        const auto facts = (*live)->facts();
        std::vector<ServiceMetric> metrics{
            {"events", "Events in the log.", static_cast<double>(facts.events), true},
            {"catalogue_items", "Items in the catalogue.", static_cast<double>(facts.items), false},
            {"known_users", "Users with a row.", static_cast<double>(facts.users), false},
            {"users_on_disk", "Users whose state is not in memory (serve.user_bytes).", static_cast<double>(facts.state.users_stored), false},
            {"user_state_bytes", "Memory of what is known of single users.", static_cast<double>(facts.state.users), false},
            {"shared_state_bytes", "Memory of what is counted of items, categories, pairs and the whole.", static_cast<double>(facts.state.shared),
             false},
            {"ready_seconds", "Time it took to be ready.", facts.seconds_to_ready, false},
            {"restored_records", "Records that came from a snapshot when it was made ready, and were not folded again.",
             static_cast<double>(facts.restored), false},
            {"impressions_logged_total", "Lists that were written to the log.", static_cast<double>(facts.impressions.logged), true},
            {"impressions_dropped_total", "Lists that were not logged: the queue was full, or the disk failed.",
             static_cast<double>(facts.impressions.dropped), true}};
        if (facts.shares_users) {
            metrics.push_back({"unshared_events", "Events that are not yet in the users' states that servers share.",
                               static_cast<double>(facts.shared.waiting), false});
            metrics.push_back({"lost_shares_total", "Events that left that queue unwritten, as the store was away for long.",
                               static_cast<double>(facts.shared.lost), true});
        }
        if (lists_) {
            metrics.push_back(
                {"kafka_lists_delivered_total", "Served lists that the brokers have.", static_cast<double>(lists_sent_.delivered), true});
            metrics.push_back(
                {"kafka_lists_lost_total", "Served lists in the log that did not get to the brokers.", static_cast<double>(lists_sent_.lost), true});
        }
        if (intake_) std::ranges::move(intake_->metrics(), std::back_inserter(metrics));
        return metrics;
    }

private:
    static constexpr std::size_t kSimilarDefault = 20;

    Result<std::shared_ptr<pipeline::LiveProject>> ready() {
        const std::lock_guard lock(mutex_);
        if (!live_) return base::unavailable("not ready: " + reason_);
        return live_;
    }

    void submit(std::vector<data::Record> records, WriteDone done) {
        const auto live = ready();
        if (!live) return done(live.error());
        (*live)->submit(std::move(records), [done = std::move(done)](Result<std::vector<pipeline::Stored>> stored) {
            stored ? done(outcomes_of(*stored)) : done(stored.error());
        });
    }

    std::filesystem::path folder_;
    pipeline::LiveOptions options_;
    base::SystemClock clock_;
    kafka::SentState lists_sent_;
    std::unique_ptr<kafka::Producer> lists_;  // null where lists go to no topic; outlives the project that tells it of lists
    std::mutex mutex_;
    std::shared_ptr<pipeline::LiveProject> live_;
    std::string reason_;
    std::unique_ptr<KafkaIntake> intake_;  // the last: it ends before what it feeds
};

}  // namespace

Result<OpenedProject> open_project(const std::filesystem::path& folder, const base::ConfigNode& serve_flags, const LogSink& log) {
    SHORTLIST_ASSIGN(auto project, project::load_project(folder));
    OpenedProject opened;
    opened.config = project.config.serve;
    base::ConfigReading reading(base::ConfigSource{});
    base::read_config(reading, serve_flags, opened.config);
    SHORTLIST_TRY(reading.status());
    pipeline::LiveOptions options;
    options.max_clock_skew = project.config.data.max_clock_skew.us;
    options.log = project.config.log;
    options.snapshot_records = opened.config.snapshot_records;
    options.segment_records = opened.config.segment_records;
    options.user_bytes = opened.config.user_bytes;
    if (const auto& redis = opened.config.redis; redis.used()) {
        options.shared_users = [redis](const std::string& layout) {
            return std::make_unique<store::RedisStore>(redis, layout, std::random_device()());
        };
    }
    options.impressions = opened.config.impressions;
    options.warn = [log](const std::string& line) { log(LogLevel::Warning, line); };
    auto service = std::make_unique<EngineService>(project.folder, std::move(options));
    if (const auto& kafka = opened.config.kafka; kafka.used() && !kafka.lists.empty()) SHORTLIST_TRY(service->produce(kafka, log));
    // Without a bundle it is not ready yet: nothing was trained.
    if (auto status = service->open(); !status && std::filesystem::exists(project.folder / "bundles" / "current")) {
        return std::move(status).error();
    }
    if (opened.config.kafka.consumes()) {
        const MessageRules rules{opened.config.kafka.format, opened.config.json_depth, {opened.config.id_bytes, opened.config.k_max}};
        SHORTLIST_TRY(service->consume(opened.config.kafka, rules, log));
    }
    opened.service = std::move(service);
    return opened;
}

}  // namespace shortlist::server
