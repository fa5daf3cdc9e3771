#include "apps/server/api.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "apps/server/json_document.h"
#include "apps/server/json_schema.h"
#include "apps/server/json_writer.h"
#include "apps/server/openapi.h"
#include "apps/server/write_batch.h"
#include "engine/base/text.h"

namespace shortlist::server {
namespace {

namespace json = boost::json;

/// The fixed answer of /healthz: the process serves.
struct Health {
    std::string status = "ok";

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("status", status, "Always ok.");
    }
};

/// The handlers. Shared by all threads; holds nothing of a request.
class Api {
public:
    explicit Api(const ApiParts& parts) : parts_(parts), limits_{parts.config.id_bytes, parts.config.k_max} {}

    [[nodiscard]] const ReadLimits& limits() const { return limits_; }

    HttpResponse recommend(const HttpRequest& request) const {
        RecommendRequest wanted;
        if (const auto problem = read_body(request, wanted)) return problem_response(*problem, request.request_id);
        wanted.request_id = request.request_id;
        return list_answer(parts_.service.recommend(wanted), wanted.explain, request);
    }

    HttpResponse rank(const HttpRequest& request) const {
        RankRequest wanted;
        if (const auto problem = read_body(request, wanted)) return problem_response(*problem, request.request_id);
        wanted.request_id = request.request_id;
        return list_answer(parts_.service.rank(wanted), wanted.explain, request);
    }

    HttpResponse similar(const HttpRequest& request) const {
        SimilarRequest wanted;
        wanted.request_id = request.request_id;
        wanted.item = request.placeholders.front();
        auto problem = check_id(wanted.item, "item", limits_.id_bytes);
        for (const auto& [name, value] : request.query) {
            if (problem) break;
            problem = name == "k" ? read_count(value, "k", limits_.k_max, wanted.k) : unknown_field(name, {"k"});
        }
        if (problem) return problem_response(*problem, request.request_id);
        return list_answer(parts_.service.similar(wanted), /*explain=*/true, request);
    }

    void store_events(const HttpRequest& request, const std::function<void(MakeResponse)>& respond) const {
        write<data::Event>(request, "events", &Service::store_events, respond);
    }
    void upsert_items(const HttpRequest& request, const std::function<void(MakeResponse)>& respond) const {
        write<Entity>(request, "items", &Service::upsert_items, respond);
    }
    void upsert_users(const HttpRequest& request, const std::function<void(MakeResponse)>& respond) const {
        write<Entity>(request, "users", &Service::upsert_users, respond);
    }

    HttpResponse forget_user(const HttpRequest& request) const {
        const auto& user = request.placeholders.front();
        if (const auto problem = check_id(user, "user", limits_.id_bytes)) return problem_response(*problem, request.request_id);
        auto forgotten = parts_.service.forget_user(user);
        if (!forgotten) return problem_response(problem_of(forgotten.error()), request.request_id);
        return json_answer(*forgotten);
    }

    HttpResponse reload(const HttpRequest& request) const {
        auto reloaded = parts_.service.reload();
        if (!reloaded) return problem_response(problem_of(reloaded.error()), request.request_id);
        return json_answer(*reloaded);
    }

    HttpResponse ready() const {
        auto readiness = parts_.service.readiness();
        auto response = json_answer(readiness);
        if (!readiness.ready) {
            response.status = 503;
            response.headers.emplace_back("Retry-After", "1");
        }
        return response;
    }

    HttpResponse metrics() const {
        HttpResponse response;
        response.content_type = "text/plain; version=0.0.4";
        response.body = parts_.metrics.text(parts_.load, parts_.service.metrics());
        return response;
    }

    static HttpResponse health() {
        Health health;
        return json_answer(health);
    }

private:
    template <class Struct>
    static HttpResponse json_answer(Struct& answer, bool explain = false) {
        HttpResponse response;
        response.body = to_json(answer, explain);
        return response;
    }

    std::variant<json::value, Problem> parse_body(const HttpRequest& request) const {
        // Browsers send other types across origins without asking: a page from anywhere could write to a server on this machine.
        const auto type = request.header("Content-Type");
        if (type.substr(0, type.find(';')) != "application/json") {
            return Problem{415, "unsupported_media_type", "send JSON with the header field Content-Type: application/json", "Content-Type"};
        }
        return parse_json(request.body, parts_.config.json_depth);
    }

    template <class Struct>
    std::optional<Problem> read_body(const HttpRequest& request, Struct& out) const {
        const auto body = parse_body(request);
        if (const auto* problem = std::get_if<Problem>(&body)) return *problem;
        return read_fields(std::get<json::value>(body), limits_, out);
    }

    HttpResponse list_answer(Result<RecommendResponse> answered, bool explain, const HttpRequest& request) const {
        if (!answered) return problem_response(problem_of(answered.error()), request.request_id);
        parts_.metrics.observe_stages(answered->stages);
        answered->request_id = request.request_id;
        return json_answer(*answered, explain);
    }

    template <class Entry>
    void write(const HttpRequest& request, std::string_view list_name, void (Service::*store)(std::vector<Entry>, WriteDone),
               const std::function<void(MakeResponse)>& respond) const {
        const auto refuse = [&](const Problem& problem) { respond([problem, &request] { return problem_response(problem, request.request_id); }); };
        const auto body = parse_body(request);
        if (const auto* problem = std::get_if<Problem>(&body)) return refuse(*problem);
        auto read = read_batch<Entry>(std::get<json::value>(body), list_name, limits_);
        if (const auto* problem = std::get_if<Problem>(&read)) return refuse(*problem);
        const auto batch = std::make_shared<WriteBatch<Entry>>(std::move(std::get<WriteBatch<Entry>>(read)));
        if (batch->entries.empty()) return respond([batch, &request] { return written(*batch, request); });
        (parts_.service.*store)(std::move(batch->entries), [batch, &request, respond](Result<std::vector<WriteOutcome>> outcomes) {
            respond([batch, &request, outcomes = std::move(outcomes)]() mutable {
                if (!outcomes) return problem_response(problem_of(outcomes.error()), request.request_id);
                batch->settle(std::move(*outcomes));
                return written(*batch, request);
            });
        });
    }

    template <class Entry>
    static HttpResponse written(WriteBatch<Entry>& batch, const HttpRequest& request) {
        auto answered = answer_of(std::move(batch.outcomes), batch.is_single);
        if (const auto* problem = std::get_if<Problem>(&answered)) return problem_response(*problem, request.request_id);
        auto& answer = std::get<WriteAnswer>(answered);
        answer.request_id = request.request_id;
        return json_answer(answer);
    }

    ApiParts parts_;
    ReadLimits limits_;
};

using Shared = std::shared_ptr<const Api>;

Handler call(const Shared& api, HttpResponse (Api::*handler)(const HttpRequest&) const) {
    return [api, handler](const HttpRequest& request) { return ((*api).*handler)(request); };
}

DeferredHandler defer(const Shared& api, void (Api::*handler)(const HttpRequest&, const std::function<void(MakeResponse)>&) const) {
    return [api, handler](const HttpRequest& request, const std::function<void(MakeResponse)>& respond) { ((*api).*handler)(request, respond); };
}

void add_lists(const Shared& api, std::vector<Endpoint>& out) {
    const auto& limits = api->limits();
    const auto answer = schema_of<RecommendResponse>(limits);
    out.push_back({{Method::Post, "/v1/recommend", Execution::Inline, false, call(api, &Api::recommend)},
                   "recommend",
                   "The list for one user.",
                   schema_of<RecommendRequest>(limits),
                   answer});
    out.push_back({{Method::Post, "/v1/rank", Execution::Inline, false, call(api, &Api::rank)},
                   "rank",
                   "The caller's own items in the order of one user's taste.",
                   schema_of<RankRequest>(limits),
                   answer});
    out.push_back({{Method::Get, "/v1/similar/{item}", Execution::Inline, false, call(api, &Api::similar)},
                   "similar",
                   "Items that go with one item.",
                   {},
                   answer,
                   {{"k", "How many items.", schema_of_rule(CountRule{}, limits)}}});
}

void add_writes(const Shared& api, std::vector<Endpoint>& out) {
    const auto& limits = api->limits();
    const auto answer = schema_of<WriteAnswer>(limits);
    out.push_back({{Method::Post, "/v1/events", Execution::Deferred, true, {}, defer(api, &Api::store_events)},
                   "store_events",
                   "Events that happened, one or many; stored durably before the answer, and the user's next request sees them.",
                   one_or_many_schema<data::Event>("events", limits),
                   answer});
    out.push_back({{Method::Post, "/v1/items", Execution::Deferred, true, {}, defer(api, &Api::upsert_items)},
                   "upsert_items",
                   "Items to add or change, one or many.",
                   one_or_many_schema<Entity>("items", limits),
                   answer});
    out.push_back({{Method::Post, "/v1/users", Execution::Deferred, true, {}, defer(api, &Api::upsert_users)},
                   "upsert_users",
                   "Users to add or change, one or many.",
                   one_or_many_schema<Entity>("users", limits),
                   answer});
    out.push_back({{Method::Delete, "/v1/users/{user}", Execution::Blocking, true, call(api, &Api::forget_user)},
                   "forget_user",
                   "Forgets a user: events, attributes and state, on disk too; their next request is a newcomer's.",
                   {},
                   schema_of<ForgottenUser>(limits)});
    out.push_back({{Method::Post, "/v1/admin/reload", Execution::Blocking, true, call(api, &Api::reload)},
                   "reload",
                   "Serves the promoted bundle from now on.",
                   {},
                   schema_of<Reloaded>(limits)});
}

void add_state(const Shared& api, std::vector<Endpoint>& out) {
    const auto& limits = api->limits();
    out.push_back({{Method::Get, "/healthz", Execution::Inline, false, [](const HttpRequest&) { return Api::health(); }},
                   "health",
                   "The process serves.",
                   {},
                   schema_of<Health>(limits)});
    out.push_back({{Method::Get, "/readyz", Execution::Inline, false, [api](const HttpRequest&) { return api->ready(); }},
                   "ready",
                   "200 where requests are answered, 503 before.",
                   {},
                   schema_of<Readiness>(limits)});
    out.push_back({{Method::Get, "/metrics", Execution::Inline, false, [api](const HttpRequest&) { return api->metrics(); }},
                   "metrics",
                   "Counts, times and sizes in the text format of Prometheus."});
}

}  // namespace

std::vector<Endpoint> make_endpoints(const ApiParts& parts) {
    const auto api = std::make_shared<const Api>(parts);
    std::vector<Endpoint> endpoints;
    add_lists(api, endpoints);
    add_writes(api, endpoints);
    add_state(api, endpoints);
    // The document describes itself too, so its text is made once its own entry stands.
    const auto document = std::make_shared<std::string>();
    endpoints.push_back({{Method::Get, "/openapi.json", Execution::Inline, false,
                          [document](const HttpRequest&) {
                              HttpResponse response;
                              response.body = *document;
                              return response;
                          }},
                         "openapi",
                         "This description.",
                         {},
                         {{"type", "object"}}});
    *document = openapi_document(endpoints);
    return endpoints;
}

Router make_router(const std::vector<Endpoint>& endpoints) {
    std::vector<Route> routes;
    for (const auto& endpoint : endpoints) routes.push_back(endpoint.route);
    return Router(std::move(routes));
}

}  // namespace shortlist::server
