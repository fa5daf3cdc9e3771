// Requests that are wrong: each gets one clear error, changes nothing, and leaves the server serving.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <ostream>

#include "apps/server/api.h"
#include "apps/server/memory_service.h"
#include "apps/server/raw_client.h"

namespace shortlist::server {
namespace {

using namespace std::string_literals;

struct Broken {
    std::string name;
    std::string bytes;  ///< The request as sent.
    int status;
    std::string message;  ///< Part of the answer.
    std::string field = "";  ///< The field that the answer names.
};
std::ostream& operator<<(std::ostream& out, const Broken& broken) { return out << broken.name; }

std::string request(std::string_view line_and_headers, std::string_view body = "") {
    return std::string(line_and_headers) + "\r\n\r\n" + std::string(body);
}
std::string recommend(std::string_view body) { return post_text("/v1/recommend", body); }
std::string nested(int depth) { return recommend("{\"user\":\"u\",\"context\":" + std::string(depth, '[') + std::string(depth, ']') + "}"); }

const std::vector<Broken> kBroken{
    // Not HTTP.
    {"not_http_at_all", request("hello server"), 400, "not well-formed HTTP"},
    {"a_tls_hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, 400, "not well-formed HTTP"},
    {"an_unknown_version", request("GET /healthz HTTP/9.9\r\nHost: t"), 400, "not well-formed HTTP"},
    {"a_nul_in_the_request_line", request("GET /heal\0thz HTTP/1.1\r\nHost: t"s), 400, "not well-formed HTTP"},
    {"a_nul_in_a_header", request("GET /healthz HTTP/1.1\r\nHost: t\r\nX: a\0b"s), 400, "not well-formed HTTP"},
    {"a_header_without_colon", request("GET /healthz HTTP/1.1\r\nHost t"), 400, "not well-formed HTTP"},
    {"no_host", request("GET /healthz HTTP/1.1"), 400, "one Host header"},
    {"two_hosts", request("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b"), 400, "one Host header"},
    {"a_target_without_slash", request("GET healthz HTTP/1.1\r\nHost: t"), 400, "must start with a slash"},
    {"a_percent_sign_alone", request("GET /v1/similar/100% HTTP/1.1\r\nHost: t"), 400, "percent sign"},
    {"a_percent_sign_without_digits", request("GET /v1/similar/%zz HTTP/1.1\r\nHost: t"), 400, "percent sign"},
    {"a_negative_content_length", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: -1"), 400, "Content-Length"},
    {"a_content_length_in_words", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: ten"), 400, "Content-Length"},
    {"two_content_lengths", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 6"), 400, "Content-Length"},
    {"length_and_chunks", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400,
     "not well-formed HTTP"},
    {"chunks_that_are_none", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked", "zz\r\nhello\r\n"), 400, "chunk"},
    // Too much.
    {"a_header_of_17_kib", request("GET /healthz HTTP/1.1\r\nHost: t\r\nX: " + std::string(17 * 1024, 'x')), 431, "16384 bytes"},
    {"a_target_of_17_kib", request("GET /" + std::string(17 * 1024, 'x') + " HTTP/1.1\r\nHost: t"), 431, "16384 bytes"},
    {"a_body_over_1_mib", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: 1048577"), 413, "1048576 bytes"},
    {"a_body_of_2_to_the_63", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: 9223372036854775808"), 413, "1048576 bytes"},
    {"chunks_over_1_mib",
     request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked", "200000\r\n" + std::string(0x200000, 'x') + "\r\n"), 413,
     "1048576 bytes"},
    {"json_33_deep", nested(32), 422, "deeper than 32 levels"},
    {"json_100000_deep", nested(100'000), 422, "deeper than 32 levels"},
    // The wrong place.
    {"the_wrong_method", request("GET /v1/recommend HTTP/1.1\r\nHost: t"), 405, "allowed: POST"},
    {"a_method_nobody_knows", request("BREW /healthz HTTP/1.1\r\nHost: t"), 405, "allowed: GET, HEAD"},
    {"a_path_that_is_near", request("GET /v1/recomend HTTP/1.1\r\nHost: t"), 404, "did you mean /v1/recommend?"},
    {"an_empty_segment", request("GET /v1/similar/ HTTP/1.1\r\nHost: t"), 404, "no such path"},
    {"a_slash_that_is_not_encoded", request("GET /v1/similar/a/b HTTP/1.1\r\nHost: t"), 404, "no such path"},
    {"a_parameter_nobody_knows", request("GET /v1/similar/a?kk=1 HTTP/1.1\r\nHost: t"), 422, "did you mean \\\"k\\\"?", "kk"},
    {"k_in_words", request("GET /v1/similar/a?k=ten HTTP/1.1\r\nHost: t"), 422, "from 1 to 1000; got ten", "k"},
    {"an_item_that_is_not_utf8", request("GET /v1/similar/%ff HTTP/1.1\r\nHost: t"), 422, "valid UTF-8", "item"},
    {"an_item_with_a_nul", request("GET /v1/similar/a%00b HTTP/1.1\r\nHost: t"), 422, "zero byte", "item"},
    {"an_item_of_257_bytes", request("GET /v1/similar/" + std::string(257, 'i') + " HTTP/1.1\r\nHost: t"), 422, "1 to 256 bytes; got 257", "item"},
    // Not JSON, or not the JSON that is asked for.
    {"a_form", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6", "user=u"),
     415, "application/json", "Content-Type"},
    {"no_content_type", request("POST /v1/recommend HTTP/1.1\r\nHost: t\r\nContent-Length: 12", R"({"user":"u"})"), 415, "application/json",
     "Content-Type"},
    {"no_body", recommend(""), 400, "the body is empty"},
    {"half_an_object", recommend(R"({"user":"u")"), 400, "not valid JSON"},
    {"two_objects", recommend(R"({"user":"u"}{})"), 400, "not valid JSON"},
    {"a_trailing_comma", recommend(R"({"user":"u",})"), 400, "not valid JSON"},
    {"a_comment", recommend(R"({"user":"u"/* me */})"), 400, "not valid JSON"},
    {"nan", recommend(R"({"user":"u","k":NaN})"), 400, "not valid JSON"},
    {"a_nul_in_the_body", recommend("{\"user\":\"a\0b\"}"s), 400, "not valid JSON"},
    {"a_body_that_is_not_utf8", recommend("{\"user\":\"\xff\xfe\"}"), 400, "not valid UTF-8"},
    {"half_a_surrogate_pair", recommend(R"({"user":"\ud800"})"), 400, "not valid JSON"},
    {"a_list", recommend("[]"), 422, "must be a JSON object"},
    {"no_user", recommend("{}"), 422, "user: the field is required", "user"},
    {"a_user_that_is_a_number", recommend(R"({"user":7})"), 422, "user: must be a text; got 7", "user"},
    {"an_empty_user", recommend(R"({"user":""})"), 422, "1 to 256 bytes; got 0", "user"},
    {"a_user_of_257_bytes", recommend("{\"user\":\"" + std::string(257, 'u') + "\"}"), 422, "1 to 256 bytes; got 257", "user"},
    {"a_user_with_an_escaped_nul", recommend(R"({"user":"a\u0000b"})"), 422, "zero byte", "user"},
    {"a_field_nobody_knows", recommend(R"({"usr":"u"})"), 422, "did you mean \\\"user\\\"?", "usr"},
    {"a_field_given_twice", recommend(R"({"user":"u","k":1,"k":2})"), 422, "given twice", "k"},
    {"a_field_given_twice_further_in", recommend(R"({"user":"u","context":{"a":1,"b":2,"a":3}})"), 422, "given twice", "a"},
    {"k_0", recommend(R"({"user":"u","k":0})"), 422, "from 1 to 1000; got 0", "k"},
    {"k_1001", recommend(R"({"user":"u","k":1001})"), 422, "from 1 to 1000; got 1001", "k"},
    {"k_negative", recommend(R"({"user":"u","k":-5})"), 422, "from 1 to 1000; got -5", "k"},
    {"k_fractional", recommend(R"({"user":"u","k":1.5})"), 422, "from 1 to 1000", "k"},
    {"k_past_64_bits", recommend(R"({"user":"u","k":99999999999999999999999})"), 422, "from 1 to 1000", "k"},
    {"k_past_any_double", recommend(R"({"user":"u","k":1e999})"), 422, "from 1 to 1000", "k"},
    {"a_context_that_is_a_list", recommend(R"({"user":"u","context":[]})"), 422, "context: must be an object", "context"},
    {"a_context_within_a_context", recommend(R"({"user":"u","context":{"a":{}}})"), 422, "context.a: must be a text", "context.a"},
    {"a_surface_nobody_knows", recommend(R"({"user":"u","surface":"moon"})"), 422, "there is home; got moon"},
    {"no_items_to_rank", post_text("/v1/rank", R"({"user":"u","items":[]})"), 422, "a list of 1 to 1000 ids", "items"},
    {"an_item_to_rank_that_is_null", post_text("/v1/rank", R"({"user":"u","items":["a",null]})"), 422, "items[1]: must be a text", "items[1]"},
    {"no_events", post_text("/v1/events", R"({"events":[]})"), 422, "at least one", "events"},
    {"events_beside_something_else", post_text("/v1/events", R"({"events":[{}],"user":"u"})"), 422, "unknown field", "user"},
    {"a_time_in_milliseconds", post_text("/v1/events", R"({"user":"u","item":"i","type":"t","time":1714564800000})"), 422, "microseconds since 1970",
     "time"},
    {"a_day_that_does_not_exist", post_text("/v1/events", R"({"user":"u","item":"i","type":"t","time":"2023-02-29T00:00:00Z"})"), 422, "RFC 3339",
     "time"},
    {"a_value_past_any_float", post_text("/v1/events", R"({"user":"u","item":"i","type":"t","value":1e300})"), 422, "fits in 32 bits", "value"},
    {"a_negative_position", post_text("/v1/events", R"({"user":"u","item":"i","type":"t","position":-1})"), 422, "from 0 to 1000000", "position"},
    {"an_attribute_that_is_an_object", post_text("/v1/items", R"({"id":"i","attributes":{"a":{}}})"), 422, "attributes.a: must be", "attributes.a"},
    {"a_list_of_both_kinds", post_text("/v1/items", R"({"id":"i","attributes":{"a":[1,"x"]}})"), 422, "all numbers or all texts", "attributes.a"},
};

class BrokenRequest : public testing::TestWithParam<Broken> {
protected:
    BrokenRequest() {
        config_.listen = "127.0.0.1:0";
        config_.threads = 1;
        config_.linger = {20'000};
        server_ = HttpServer::start(config_, {router_, load_, "", 1, {}}).value();
    }

    project::ServeConfig config_;
    MemoryService service_;
    ServerLoad load_;
    ServerMetrics metrics_;
    Router router_ = make_router(make_endpoints({service_, metrics_, load_, config_}));
    std::unique_ptr<HttpServer> server_;
};

TEST_P(BrokenRequest, gets_one_clear_error_and_changes_nothing) {
    const auto& broken = GetParam();
    RawClient client(server_->port());
    client.send(broken.bytes);
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, broken.status) << answer->body;
    EXPECT_NE(answer->body.find(broken.message), std::string::npos) << answer->body;
    const auto error = boost::json::parse(answer->body).at("error");
    EXPECT_EQ(error.at("request_id").as_string().size(), 32U);
    if (broken.field.empty()) {
        EXPECT_TRUE(error.at("field").is_null()) << answer->body;
    } else {
        EXPECT_EQ(error.at("field").as_string(), broken.field);
    }
    EXPECT_TRUE(service_.events().empty());
    EXPECT_EQ(service_.item_count(), 0U);
    EXPECT_EQ(RawClient(server_->port()).get("/healthz")->status, 200);
}

INSTANTIATE_TEST_SUITE_P(Table, BrokenRequest, testing::ValuesIn(kBroken), [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace shortlist::server
