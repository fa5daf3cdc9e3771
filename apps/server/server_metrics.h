/// What /metrics shows, in the text format of Prometheus.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "apps/server/http_server.h"
#include "apps/server/service.h"

namespace shortlist::server {

/// Any thread may call any member.
class ServerMetrics {
public:
    ServerMetrics();
    ~ServerMetrics();

    void observe(const AnsweredRequest& request);
    void observe_stages(std::span<const StageTime> stages);

    /// Everything counted so far, with the server's load, the memory of the process and what the service keeps.
    [[nodiscard]] std::string text(const ServerLoad& load, std::span<const ServiceMetric> service) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::server
