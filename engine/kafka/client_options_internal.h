/// What clients are configured with: our options, then the project file's. Private to engine/kafka.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "engine/base/result.h"
#include "engine/kafka/kafka_config.h"

struct rd_kafka_conf_s;  // rd_kafka_conf_t

namespace shortlist::kafka {

struct DestroyOptions {
    void operator()(rd_kafka_conf_s* options) const;
};
using ClientOptions = std::unique_ptr<rd_kafka_conf_s, DestroyOptions>;

/// Brokers, `ours`, and over them `config.options`, but for those that promises rest on. The client's own log is silenced: what goes wrong
/// arrives by its callbacks, too. Errors: InvalidArgument naming the option.
[[nodiscard]] Result<ClientOptions> client_options(const KafkaConfig& config, std::span<const std::pair<std::string, std::string>> ours);

}  // namespace shortlist::kafka
