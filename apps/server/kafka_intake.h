/// Feeds a project from Kafka: a thread polls, checks, and hands what is due to the project, which answers once it is durable.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/server/log.h"
#include "apps/server/message.h"
#include "apps/server/service.h"
#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/kafka/kafka_config.h"
#include "engine/pipeline/live_project.h"

namespace shortlist::server {

struct IntakeParts {
    kafka::KafkaConfig config;
    MessageRules rules;
    std::filesystem::path folder;  ///< Of the project; what cannot be used goes to quarantine/kafka.ndjson in it.
    const base::Clock& clock;
    std::function<std::shared_ptr<pipeline::LiveProject>()> project;  ///< Null while there is none to feed.
    LogSink log;
};

/// Any thread may call the members.
class KafkaIntake {
public:
    /// Starts the thread, which waits for a project. Errors: InvalidArgument (serve.kafka).
    static Result<std::unique_ptr<KafkaIntake>> start(IntakeParts parts);
    /// Stores what is due, says how far it came, and leaves the group.
    ~KafkaIntake();
    KafkaIntake(const KafkaIntake&) = delete;
    KafkaIntake& operator=(const KafkaIntake&) = delete;

    /// What the server does without; empty where all is well.
    [[nodiscard]] std::vector<std::string> degraded() const;
    [[nodiscard]] std::vector<ServiceMetric> metrics() const;

private:
    struct State;
    explicit KafkaIntake(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::server
