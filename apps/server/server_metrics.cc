#include "apps/server/server_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/base/process_memory.h"

namespace shortlist::server {
namespace {

const prometheus::Histogram::BucketBoundaries kSecondsBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                              0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};
const prometheus::Histogram::BucketBoundaries kStageBuckets{0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
                                                            0.001,    0.0025,  0.005,    0.01,    0.025,  0.1};

prometheus::MetricFamily single_value(const ServiceMetric& metric) {
    prometheus::ClientMetric value;
    (metric.is_counter ? value.counter.value : value.gauge.value) = metric.value;
    const auto type = metric.is_counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    return {metric.name, metric.help, type, {value}};
}

std::string printed(std::string_view route) { return route.empty() ? "none" : std::string(route); }

}  // namespace

struct ServerMetrics::State {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter().Name("shortlist_requests_total").Help("Requests answered.").Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds =
        prometheus::BuildHistogram().Name("shortlist_request_seconds").Help("Time from a request read to its answer sent.").Register(registry);
    prometheus::Family<prometheus::Histogram>& stage_seconds =
        prometheus::BuildHistogram().Name("shortlist_stage_seconds").Help("Time in a stage of the request path.").Register(registry);

    // The registry finds a metric by hashing its labels; these find it by the key alone.
    std::mutex mutex;
    std::map<std::pair<std::string, int>, prometheus::Counter*> request_of;
    std::map<std::string, prometheus::Histogram*, std::less<>> seconds_of;
    std::map<std::string, prometheus::Histogram*, std::less<>> stage_of;
};

ServerMetrics::ServerMetrics() : state_(std::make_unique<State>()) {}
ServerMetrics::~ServerMetrics() = default;

void ServerMetrics::observe(const AnsweredRequest& request) {
    const auto route = printed(request.route);
    const std::lock_guard lock(state_->mutex);
    auto& counter = state_->request_of[{route, request.status}];
    if (counter == nullptr) counter = &state_->requests.Add({{"route", route}, {"status", std::to_string(request.status)}});
    counter->Increment();
    auto& histogram = state_->seconds_of[route];
    if (histogram == nullptr) histogram = &state_->seconds.Add({{"route", route}}, kSecondsBuckets);
    histogram->Observe(request.seconds);
}

void ServerMetrics::observe_stages(std::span<const StageTime> stages) {
    const std::lock_guard lock(state_->mutex);
    for (const auto& stage : stages) {
        auto& histogram = state_->stage_of[stage.stage];
        if (histogram == nullptr) histogram = &state_->stage_seconds.Add({{"stage", stage.stage}}, kStageBuckets);
        histogram->Observe(static_cast<double>(stage.us) * 1e-6);
    }
}

std::string ServerMetrics::text(const ServerLoad& load, std::span<const ServiceMetric> service) const {
    auto families = state_->registry.Collect();
    const auto gauge = [&](const char* name, const char* help, double value) { families.push_back(single_value({name, help, value, false})); };
    gauge("shortlist_connections", "Connections open now.", static_cast<double>(load.connections.load()));
    gauge("shortlist_requests_in_flight", "Requests read and not yet answered.", static_cast<double>(load.requests.load()));
    gauge("shortlist_requests_queued", "Requests that wait for a worker.", static_cast<double>(load.queued.load()));
    gauge("shortlist_write_bytes_waiting", "Bytes of events, items and users that wait for the disk.", static_cast<double>(load.write_bytes.load()));
    gauge("process_resident_memory_bytes", "Memory of the process.", static_cast<double>(base::resident_memory_bytes()));
    for (auto metric : service) {
        metric.name.insert(0, "shortlist_");
        families.push_back(single_value(metric));
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace shortlist::server
