#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/base/text.h"
#include "engine/kafka/client_options_internal.h"

namespace shortlist::kafka {

namespace {

/// What the promises rest on: nobody may change it.
constexpr std::array<std::string_view, 7> kOurs = {"bootstrap.servers",        "group.id",          "enable.auto.commit",
                                                   "enable.auto.offset.store", "auto.offset.reset", "enable.partition.eof",
                                                   "enable.idempotence"};

Status set(rd_kafka_conf_t* options, const std::string& name, const std::string& value) {
    std::array<char, 512> error{};
    if (rd_kafka_conf_set(options, name.c_str(), value.c_str(), error.data(), error.size()) == RD_KAFKA_CONF_OK) return {};
    return base::invalid_argument(base::printable(name) + ": " + base::printable(error.data(), error.size()));
}

}  // namespace

void DestroyOptions::operator()(rd_kafka_conf_s* options) const { rd_kafka_conf_destroy(options); }

Result<ClientOptions> client_options(const KafkaConfig& config, std::span<const std::pair<std::string, std::string>> ours) {
    ClientOptions options(rd_kafka_conf_new());
    rd_kafka_conf_set_log_cb(options.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
    SHORTLIST_TRY(set(options.get(), "bootstrap.servers", base::join(config.brokers, ",")));
    SHORTLIST_TRY(set(options.get(), "client.id", "shortlist"));
    for (const auto& [name, value] : ours) SHORTLIST_TRY(set(options.get(), name, value));
    for (const auto& [name, value] : config.options) {
        if (std::ranges::find(kOurs, name) != kOurs.end()) {
            return base::invalid_argument(name + ": is not for the project file to set, as what is promised rests on it");
        }
        SHORTLIST_TRY(set(options.get(), name, value));
    }
    return options;
}

}  // namespace shortlist::kafka
