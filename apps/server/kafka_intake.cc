#include "apps/server/kafka_intake.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "apps/server/poison_file.h"
#include "engine/base/text.h"
#include "engine/features/plan.h"
#include "engine/kafka/consumer.h"
#include "engine/kafka/event_order.h"

namespace shortlist::server {

namespace {

using namespace std::chrono_literals;

/// Messages taken at once, and records stored with one synced write.
constexpr std::size_t kBatch = 2000;
constexpr auto kPollTime = 20ms;
/// Between two lines to the brokers, and two looks at what paused.
constexpr double kHousekeepingSeconds = 1;
/// A group is joined within so long, or no broker answers: until then the clock moves no shared state.
constexpr double kJoinSeconds = 30;
constexpr auto kRetryFirst = 50ms;
constexpr auto kRetryMost = 5s;

struct Counts {
    std::atomic<std::uint64_t> messages = 0;
    std::atomic<std::uint64_t> stored = 0;
    std::atomic<std::uint64_t> known = 0;
    std::atomic<std::uint64_t> quarantined = 0;
    std::atomic<std::uint64_t> skipped = 0;
    std::atomic<std::uint64_t> held = 0;
    std::atomic<std::uint64_t> partitions = 0;
    std::atomic<std::int64_t> lag = 0;
    std::atomic<bool> storing = true;  ///< The last write succeeded.
};

}  // namespace

// All but `counts`, `client` and `stopping` belongs to the thread.
struct KafkaIntake::State final : kafka::Listener {
    IntakeParts parts;
    Counts counts;
    kafka::ClientState client;

    std::mutex mutex;
    std::condition_variable stop_wanted;
    bool stopping = false;

    PoisonFile poison;
    std::shared_ptr<pipeline::LiveProject> live;
    std::unique_ptr<kafka::EventOrder> order;
    std::unique_ptr<kafka::Consumer> consumer;
    std::set<kafka::Partition> ours;
    std::set<kafka::Partition> paused;
    double started = base::monotonic_seconds();
    double housekeeping = 0;
    bool joined = false;
    std::thread thread;

    explicit State(IntakeParts given) : parts(std::move(given)), poison(parts.folder / "quarantine" / "kafka.ndjson") {}

    // True where it is time to end, which it waits for no longer than that.
    bool stop_within(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        return stop_wanted.wait_for(lock, time, [this] { return stopping; });
    }

    void run() {
        while (!(live = parts.project())) {
            if (stop_within(100ms)) return;
        }
        kafka::OrderOptions options;
        options.tick = live->facts().tick;
        options.lateness = parts.config.lateness.us;
        options.wait_seconds = static_cast<double>(parts.config.wait.us) * 1e-6;
        order = std::make_unique<kafka::EventOrder>(options);
        live->hold_ticks(0);
        const auto warn = [log = parts.log](const std::string& line) { log(LogLevel::Warning, line); };
        auto opened = kafka::Consumer::open(parts.config, *this, client, warn);
        if (!opened) {
            parts.log(LogLevel::Error, "kafka: not consumed reason=" + opened.error().message);
        } else {
            consumer = std::move(*opened);
            while (!stop_within(0ms)) step();
            store_due();
            commit(kafka::Consumer::Wait::Yes);
            consumer.reset();  // which takes the partitions away
        }
        live->hold_ticks(features::kTimeMax);
    }

    void step() {
        consumer->poll(kBatch, kPollTime);
        store_due();
        const double now = base::monotonic_seconds();
        const bool joining = !joined && now - started < kJoinSeconds;
        live->hold_ticks(joining ? 0 : order->open_until(now).value_or(features::kTimeMax));
        balance(now);
        if (now < housekeeping) return;
        housekeeping = now + kHousekeepingSeconds;
        commit(kafka::Consumer::Wait::No);
    }

    // What cannot be stored now waits, and with it all that is behind it: nothing is read on meanwhile.
    void store_due() {
        auto pause = std::chrono::milliseconds(kRetryFirst);
        while (true) {
            const auto due = order->release(kBatch, base::monotonic_seconds());
            if (due.records.empty() && due.positions.empty()) break;
            for (Status stored = store(due); !stored; stored = store(due)) {
                counts.storing = false;
                parts.log(LogLevel::Warning, "kafka: not stored, tried again reason=" + stored.error().message);
                if (stop_within(pause)) return;
                pause = std::min<std::chrono::milliseconds>(2 * pause, kRetryMost);
            }
            counts.storing = true;
        }
        counts.held = order->held();
    }

    Status store(const kafka::EventOrder::Due& due) {
        SHORTLIST_TRY(poison.flush());  // a position behind a message says that the message is stored, or in quarantine
        SHORTLIST_ASSIGN(const auto known, live->take_stream(due.records, due.positions));
        counts.known += known;
        counts.stored += static_cast<std::uint64_t>(
                             std::ranges::count_if(due.records, [](const auto& record) { return !std::holds_alternative<data::Tick>(record); })) -
                         known;
        return {};
    }

    // While too much waits, partitions that are ahead of the others pause. Whom the others have overtaken reads on: all wait for it.
    void balance(double now) {
        const std::size_t held = order->held();
        if (paused.empty() && held < parts.config.held) return;
        const auto ahead = order->ahead(now);
        for (auto partition = paused.begin(); partition != paused.end();) {
            const bool pauses = held >= parts.config.held / 2 && std::ranges::find(ahead, *partition) != ahead.end();
            if (!pauses) consumer->pause(*partition, false);
            partition = pauses ? std::next(partition) : paused.erase(partition);
        }
        if (held < parts.config.held) return;
        for (const auto& partition : ahead) {
            if (paused.insert(partition).second) consumer->pause(partition, true);
        }
    }

    void commit(kafka::Consumer::Wait wait) {
        std::vector<std::pair<kafka::Partition, std::int64_t>> next;
        std::int64_t lag = 0;
        for (const auto& position : order->positions()) {
            next.push_back({{position.topic, position.partition}, position.next});
            lag += std::max<std::int64_t>(0, consumer->end_of(next.back().first) - position.next);
        }
        counts.lag = lag;
        if (client.connected && counts.storing) consumer->commit(next, wait);
    }

    std::optional<std::int64_t> given(const kafka::Partition& partition) override {
        joined = true;
        ours.insert(partition);
        counts.partitions = ours.size();
        std::optional<data::StreamPosition> position;
        // A log that cannot say where it stands must not be gone on with: the beginning is right, and known events change nothing.
        if (const auto positions = live->positions()) {
            for (const auto& known : *positions) {
                if (known.topic == partition.topic && known.partition == partition.number) position = known;
            }
        } else {
            parts.log(LogLevel::Error, "kafka: begins anew reason=" + positions.error().message);
        }
        order->give(partition, position, kind_of(partition) == MessageKind::Events, base::monotonic_seconds());
        return position ? std::optional(position->next) : std::nullopt;
    }

    void taken(std::span<const kafka::Partition> partitions) override {
        store_due();
        if (consumer) commit(kafka::Consumer::Wait::Yes);
        for (const auto& partition : partitions) {
            order->take_away(partition);
            ours.erase(partition);
            paused.erase(partition);
        }
        counts.partitions = ours.size();
    }

    void message(const kafka::Message& message) override {
        ++counts.messages;
        auto content = read_message(message.value, kind_of(message.partition), parts.rules);
        for (const auto& fault : content.faults) refuse(message, fault);
        std::erase_if(content.records, [&](data::Record& record) {
            auto* event = std::get_if<data::Event>(&record);
            if (event != nullptr && event->time == 0) event->time = message.time > 0 ? message.time : parts.clock.now();
            const Status status = live->check(record);
            if (!status) refuse(message, {status.error().message, ""});
            return !status;
        });
        counts.skipped += order->add(message.partition, message.offset, std::move(content.records), base::monotonic_seconds());
    }

    void at_end(const kafka::Partition& partition) override { order->at_end(partition, base::monotonic_seconds()); }

    void refuse(const kafka::Message& message, const MessageFault& fault) {
        ++counts.quarantined;
        poison.add(message, fault);
    }

    [[nodiscard]] MessageKind kind_of(const kafka::Partition& partition) const {
        const auto in = [&](const std::vector<std::string>& topics) { return std::ranges::find(topics, partition.topic) != topics.end(); };
        if (in(parts.config.items)) return MessageKind::Items;
        return in(parts.config.users) ? MessageKind::Users : MessageKind::Events;
    }
};

KafkaIntake::KafkaIntake(std::unique_ptr<State> state) : state_(std::move(state)) {}

KafkaIntake::~KafkaIntake() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->stop_wanted.notify_all();
    state_->thread.join();
}

Result<std::unique_ptr<KafkaIntake>> KafkaIntake::start(IntakeParts parts) {
    if (const auto options = kafka::check_options(parts.config); !options) return options.error().in("serve.kafka.options");
    auto state = std::make_unique<State>(std::move(parts));
    state->thread = std::thread([running = state.get()] { running->run(); });
    return std::unique_ptr<KafkaIntake>(new KafkaIntake(std::move(state)));
}

std::vector<std::string> KafkaIntake::degraded() const {
    std::vector<std::string> degraded;
    if (!state_->client.connected) degraded.emplace_back("kafka: no broker answers; events wait there");
    if (!state_->counts.storing) degraded.emplace_back("kafka: what arrives cannot be stored; it is tried again");
    return degraded;
}

std::vector<ServiceMetric> KafkaIntake::metrics() const {
    const Counts& counts = state_->counts;
    const auto number = [](const auto& value) { return static_cast<double>(value.load()); };
    return {{"kafka_connected", "1 while a broker answers.", number(state_->client.connected), false},
            {"kafka_partitions", "Partitions that this server consumes.", number(counts.partitions), false},
            {"kafka_rebalances", "Times that partitions were given or taken.", number(state_->client.rebalances), true},
            {"kafka_messages", "Messages consumed.", number(counts.messages), true},
            {"kafka_stored_records", "Records of messages that entered the log.", number(counts.stored), true},
            {"kafka_known_events", "Events of messages that the log had already.", number(counts.known), true},
            {"kafka_quarantined", "Messages, or entries of them, that went to quarantine.", number(counts.quarantined), true},
            {"kafka_skipped_offsets", "Offsets at which the brokers had no message: compacted away, expired, or marks of transactions.",
             number(counts.skipped), true},
            {"kafka_held_events", "Events that wait for other partitions.", number(counts.held), false},
            {"kafka_lag_messages", "Messages that the brokers hold and the log does not cover.", number(counts.lag), false}};
}

}  // namespace shortlist::server
