// The API over a real socket, with a small engine in memory behind it.
#include "apps/server/api.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>

#include "apps/server/memory_service.h"
#include "apps/server/raw_client.h"

namespace shortlist::server {
namespace {

namespace json = boost::json;

class ApiTest : public testing::Test {
protected:
    ApiTest() {
        config_.listen = "127.0.0.1:0";
        config_.threads = 2;
        config_.linger = {20'000};
        HttpServerParts parts{router_, load_, "", 1, {}};
        parts.answered = [this](const AnsweredRequest& request) { metrics_.observe(request); };
        server_ = HttpServer::start(config_, std::move(parts)).value();
        client_.emplace(server_->port());
    }

    json::value post(std::string_view target, std::string_view body, int status = 200) {
        const auto answer = client_->post(target, body);
        if (!answer) return ADD_FAILURE() << "no answer to " << body, json::value();
        EXPECT_EQ(answer->status, status) << answer->body;
        return json::parse(answer->body);
    }
    json::value get(std::string_view target, int status = 200) {
        const auto answer = client_->get(target);
        if (!answer) return ADD_FAILURE() << "no answer to " << target, json::value();
        EXPECT_EQ(answer->status, status) << answer->body;
        return json::parse(answer->body);
    }
    /// Ids of the items in an answer.
    static std::vector<std::string> ids(const json::value& answer) {
        std::vector<std::string> out;
        for (const auto& item : answer.at("items").as_array()) out.emplace_back(item.at("id").as_string());
        return out;
    }

    project::ServeConfig config_;
    MemoryService service_;
    ServerLoad load_;
    ServerMetrics metrics_;
    std::vector<Endpoint> endpoints_ = make_endpoints({service_, metrics_, load_, config_});
    Router router_ = make_router(endpoints_);
    std::unique_ptr<HttpServer> server_;
    std::optional<RawClient> client_;
};

using Ids = std::vector<std::string>;

TEST_F(ApiTest, a_user_sees_at_once_what_an_event_changed) {
    post("/v1/items", R"({"items":[{"id":"a"},{"id":"b"},{"id":"c"}]})");
    EXPECT_EQ(ids(post("/v1/recommend", R"({"user":"u"})")), (Ids{"a", "b", "c"}));
    post("/v1/events", R"({"user":"u","item":"b","type":"watch"})");
    EXPECT_EQ(ids(post("/v1/recommend", R"({"user":"u"})")), (Ids{"a", "c"}));
    EXPECT_EQ(ids(post("/v1/recommend", R"({"user":"other"})")), (Ids{"b", "a", "c"}));
}

TEST_F(ApiTest, hands_every_field_of_a_request_to_the_service) {
    const auto answer = post("/v1/recommend", R"({"user":"u/1","surface":"home","k":3,"context":{"device":"phone","hour":7,"wifi":true,"x":0.5},
                                                 "explain":true,"exclude":["a","b"]})");
    const auto seen = service_.last_recommend();
    EXPECT_EQ(seen.user, "u/1");
    EXPECT_EQ(seen.surface, "home");
    EXPECT_EQ(seen.k, 3U);
    EXPECT_EQ(seen.context, (Context{{"device", "phone"}, {"hour", "7"}, {"wifi", "true"}, {"x", "0.5"}}));
    EXPECT_TRUE(seen.explain);
    EXPECT_EQ(seen.exclude, (Ids{"a", "b"}));
    EXPECT_EQ(answer.at("request_id").as_string(), seen.request_id);
}

TEST_F(ApiTest, null_means_absent) {
    post("/v1/recommend", R"({"user":"u","surface":null,"k":null})");
    EXPECT_EQ(service_.last_recommend().k, 0U);
}

TEST_F(ApiTest, says_bundle_degradation_and_stage_times) {
    const auto answer = post("/v1/recommend", R"({"user":"u"})");
    EXPECT_EQ(answer.at("bundle").as_string(), "b0");
    EXPECT_TRUE(answer.at("degraded").as_array().empty());
    EXPECT_TRUE(answer.at("logged").as_bool());
    EXPECT_EQ(answer.at("stages").at(0).at("us").as_int64(), 12);
}

TEST_F(ApiTest, says_why_only_where_explain_is_asked_for) {
    post("/v1/events", R"({"user":"u","item":"a","type":"watch"})");
    const auto plain = post("/v1/recommend", R"({"user":"v"})");
    EXPECT_EQ(plain.at("items").at(0).as_object().if_contains("reasons"), nullptr);
    const auto explained = post("/v1/recommend", R"({"user":"v","explain":true})");
    const auto& item = explained.at("items").at(0);
    EXPECT_EQ(item.at("reasons").at(0).at("retriever").as_string(), "seen");
    EXPECT_EQ(item.at("reasons").at(0).at("rank").as_int64(), 1);
    EXPECT_EQ(item.at("features").at(0).at("contribution").to_number<double>(), 0.5);
}

TEST_F(ApiTest, ranks_the_callers_own_items) {
    post("/v1/events", R"({"user":"u","item":"b","type":"watch"})");
    EXPECT_EQ(ids(post("/v1/rank", R"({"user":"v","items":["a","b","c"]})")), (Ids{"b", "a", "c"}));
}

TEST_F(ApiTest, finds_similar_items_by_an_id_with_slash_and_space) {
    post("/v1/items", R"({"items":[{"id":"a/b c"},{"id":"d"},{"id":"e"}]})");
    EXPECT_EQ(ids(get("/v1/similar/a%2Fb%20c?k=1")), (Ids{"d"}));
    const auto missing = get("/v1/similar/none", 404);
    EXPECT_EQ(missing.at("error").at("code").as_string(), "not_found");
}

TEST_F(ApiTest, answers_each_event_of_a_batch_and_stores_the_good_ones) {
    const auto answer = post("/v1/events", R"({"events":[
        {"event_id":"1","user":"u","item":"a","type":"watch","time":"2024-05-01T12:00:00Z","value":0.5,"position":2,"request_id":"r","context":{"device":"tv"}},
        {"user":"u","item":"a"},
        {"event_id":"1","user":"u","item":"a","type":"watch"},
        7,
        {"user":"u","item":"a","type":"unheard_of"},
        {"user":"u","item":"b","type":"like","time":1714564800000000}]})");
    const auto& results = answer.at("results").as_array();
    ASSERT_EQ(results.size(), 6U);
    const auto status = [&](std::size_t i) { return std::string(results[i].at("status").as_string()); };
    EXPECT_EQ(status(0), "stored");
    EXPECT_EQ(status(1), "rejected");
    EXPECT_EQ(results[1].at("error").at("message").as_string(), "type: the field is required");
    EXPECT_EQ(results[1].at("error").at("field").as_string(), "type");
    EXPECT_EQ(status(2), "duplicate");
    EXPECT_EQ(status(3), "rejected");
    EXPECT_EQ(status(4), "rejected");
    EXPECT_EQ(status(5), "stored");
    EXPECT_EQ(answer.at("stored").as_int64(), 2);
    EXPECT_EQ(answer.at("duplicates").as_int64(), 1);
    EXPECT_EQ(answer.at("rejected").as_int64(), 3);
    const auto events = service_.events();
    ASSERT_EQ(events.size(), 2U);
    // date -u -d 2024-05-01T12:00:00Z +%s is 1714564800.
    EXPECT_EQ(events[0].time, 1'714'564'800'000'000);
    EXPECT_EQ(events[0].value, 0.5F);
    EXPECT_EQ(events[0].position, 2);
    EXPECT_EQ(events[0].request_id, "r");
    EXPECT_EQ(events[0].context, (Context{{"device", "tv"}}));
    EXPECT_EQ(events[1].time, events[0].time);
    EXPECT_TRUE(events[1].value != events[1].value);
    EXPECT_EQ(events[1].position, data::kNoPosition);
}

TEST_F(ApiTest, refuses_a_single_event_that_the_service_rejects) {
    const auto answer = post("/v1/events", R"({"user":"u","item":"a","type":"unheard_of"})", 422);
    EXPECT_EQ(answer.at("error").at("field").as_string(), "type");
    EXPECT_TRUE(service_.events().empty());
}

TEST_F(ApiTest, keeps_the_type_of_every_attribute) {
    post("/v1/items", R"({"id":"a","attributes":{"title":"T","length":1.5,"new":true,"tags":["x","y"],"vector":[1,2.5],"none":[]}})");
    const auto attributes = service_.last_item().attributes;
    ASSERT_EQ(attributes.size(), 6U);
    EXPECT_EQ(attributes[0].second, AttributeValue(std::string("T")));
    EXPECT_EQ(attributes[1].second, AttributeValue(1.5));
    EXPECT_EQ(attributes[2].second, AttributeValue(1.0));
    EXPECT_EQ(attributes[3].second, AttributeValue(Ids{"x", "y"}));
    EXPECT_EQ(attributes[4].second, AttributeValue(std::vector<double>{1, 2.5}));
    EXPECT_EQ(attributes[5].second, AttributeValue(Ids{}));
}

TEST_F(ApiTest, upserts_users_one_or_many) {
    EXPECT_EQ(post("/v1/users", R"({"id":"u","attributes":{"country":"IN"}})").at("stored").as_int64(), 1);
    EXPECT_EQ(post("/v1/users", R"({"users":[{"id":"u"},{"id":"v"},{"id":""}]})").at("rejected").as_int64(), 1);
}

TEST_F(ApiTest, forgets_a_user_and_answers_404_where_there_is_none) {
    post("/v1/events", R"({"events":[{"user":"u/1","item":"a","type":"watch"},{"user":"v","item":"a","type":"watch"}]})");
    const std::string request = "DELETE /v1/users/u%2F1 HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto answer = client_->ask(request);
    EXPECT_EQ(answer->status, 200) << answer->body;
    const auto forgotten = json::parse(answer->body);
    EXPECT_EQ(forgotten.at("user").as_string(), "u/1");
    EXPECT_EQ(forgotten.at("events").to_number<int>(), 1);
    EXPECT_EQ(client_->ask(request)->status, 404);
    EXPECT_EQ(service_.events().size(), 1U);
}

TEST_F(ApiTest, is_healthy_always_and_ready_only_with_a_bundle) {
    EXPECT_EQ(get("/healthz").at("status").as_string(), "ok");
    EXPECT_EQ(get("/readyz").at("bundle").as_string(), "b0");
    service_.set_ready(false);
    EXPECT_EQ(get("/healthz").at("status").as_string(), "ok");
    EXPECT_EQ(get("/readyz", 503).at("reason").as_string(), "no bundle is loaded");
    const auto answer = client_->post("/v1/recommend", R"({"user":"u"})");
    EXPECT_EQ(answer->status, 503);
    EXPECT_NE(answer->head.find("Retry-After: 1"), std::string::npos);
}

TEST_F(ApiTest, reloads_the_bundle) {
    const auto reloaded = post("/v1/admin/reload", "");
    EXPECT_EQ(reloaded.at("bundle").as_string(), "b1");
    EXPECT_EQ(reloaded.at("previous").as_string(), "b0");
    EXPECT_EQ(post("/v1/recommend", R"({"user":"u"})").at("bundle").as_string(), "b1");
}

TEST_F(ApiTest, counts_requests_by_route_and_status) {
    get("/v1/similar/none", 404);
    get("/v1/similar/other", 404);
    get("/no/such/path", 404);
    post("/v1/recommend", R"({"user":"u"})");
    const auto text = client_->get("/metrics")->body;
    EXPECT_NE(text.find("shortlist_requests_total{route=\"/v1/similar/{item}\",status=\"404\"} 2\n"), std::string::npos) << text;
    EXPECT_NE(text.find("shortlist_requests_total{route=\"none\",status=\"404\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("shortlist_request_seconds_count{route=\"/v1/recommend\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("shortlist_stage_seconds_count{stage=\"retrieve\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("shortlist_connections 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("# TYPE shortlist_events_stored_total counter\nshortlist_events_stored_total 0\n"), std::string::npos) << text;
}

TEST_F(ApiTest, describes_every_route_in_openapi) {
    const auto document = get("/openapi.json");
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
    const auto& paths = document.at("paths").as_object();
    EXPECT_EQ(paths.size(), endpoints_.size());
    for (const auto& endpoint : endpoints_) {
        ASSERT_TRUE(paths.contains(endpoint.route.pattern)) << endpoint.route.pattern;
        const auto* method = endpoint.route.method == Method::Post ? "post" : endpoint.route.method == Method::Delete ? "delete" : "get";
        const auto& operation = paths.at(endpoint.route.pattern).at(method);
        EXPECT_EQ(operation.at("operationId").as_string(), endpoint.operation);
        EXPECT_EQ(operation.as_object().contains("security"), endpoint.route.needs_token);
    }
    const auto& request = paths.at("/v1/recommend").at("post").at("requestBody").at("content").at("application/json").at("schema");
    EXPECT_EQ(request.at("required"), json::array{"user"});
    EXPECT_EQ(request.at("properties").at("k").at("maximum").to_number<int>(), 1000);
    const auto& parameters = paths.at("/v1/similar/{item}").at("get").at("parameters").as_array();
    EXPECT_EQ(parameters.at(0).at("name").as_string(), "item");
    EXPECT_EQ(parameters.at(0).at("in").as_string(), "path");
    EXPECT_EQ(parameters.at(1).at("name").as_string(), "k");
}

}  // namespace
}  // namespace shortlist::server
