// What goes in and out as text: targets, tokens, times, JSON.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include <unistd.h>

#include "apps/server/http.h"
#include "apps/server/json_document.h"
#include "apps/server/json_text.h"
#include "apps/server/token.h"

namespace shortlist::server {
namespace {

std::string json_of(auto value) {
    std::string out;
    append_json(out, value);
    return out;
}

TEST(ReadTarget, decodes_each_segment_and_each_parameter) {
    HttpRequest request;
    ASSERT_FALSE(read_target("/a%2Fb/c+d/%E2%82%AC?x=1+2&y=%26&z", request));
    EXPECT_EQ(request.segments, (std::vector<std::string>{"a/b", "c+d", "\u20ac"}));
    EXPECT_EQ(request.query, (NamedText{{"x", "1 2"}, {"y", "&"}, {"z", ""}}));
}

TEST(ReadTarget, takes_the_path_of_a_whole_address) {
    HttpRequest request;
    ASSERT_FALSE(read_target("http://example.org:80/healthz?k=1", request));
    EXPECT_EQ(request.segments, std::vector<std::string>{"healthz"});
    EXPECT_EQ(request.query, (NamedText{{"k", "1"}}));
}

TEST(ReadTarget, refuses_broken_escapes_wherever_they_stand) {
    for (const auto* target : {"/%", "/%4", "/%4g", "/a?x=%", "/a?%x=1", "a", "*", ""}) {
        HttpRequest request;
        const auto problem = read_target(target, request);
        ASSERT_TRUE(problem) << target;
        EXPECT_EQ(problem->status, 400);
    }
}

TEST(JsonText, escapes_what_must_not_stand_in_a_text) {
    EXPECT_EQ(json_of("a\"b\\c\n\t\x01\x7f"), R"("a\"b\\c\n\t\u0001\u007f")");
    EXPECT_EQ(json_of("\u20ac"), "\"\u20ac\"");
    EXPECT_EQ(json_of("\xff"), "\"\\ufffd\"");
}

TEST(JsonText, writes_numbers_that_read_back_the_same) {
    for (const double value : {0.1, 1.0, -2.5e-300, 1e22, 123456789.123}) EXPECT_EQ(std::strtod(json_of(value).c_str(), nullptr), value);
    EXPECT_EQ(json_of(std::numeric_limits<double>::quiet_NaN()), "null");
    EXPECT_EQ(json_of(-std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(json_of(std::int64_t{-5}), "-5");
}

TEST(ParseJson, keeps_long_names_and_texts_whole) {
    // Longer than any piece in which the parser hands them on.
    const std::string name(5000, 'n');
    const std::string text(70000, 't');
    const auto parsed = parse_json("{\"" + name + "\":\"" + text + "\\u20ac\"}", 2);
    ASSERT_TRUE(std::holds_alternative<boost::json::value>(parsed));
    EXPECT_EQ(std::get<boost::json::value>(parsed).at(name).as_string(), text + "\u20ac");
}

TEST(ParseJson, tells_names_apart_that_differ_only_in_their_object) {
    const auto parsed = parse_json(R"({"a":{"a":1},"b":[{"a":2},{"a":3}]})", 8);
    ASSERT_TRUE(std::holds_alternative<boost::json::value>(parsed));
    EXPECT_EQ(std::get<boost::json::value>(parsed).at("b").at(1).at("a").as_int64(), 3);
}

TEST(ParseJson, sees_a_name_given_twice_however_it_is_spelled) {
    const auto parsed = parse_json(R"({"a":1,"b":{},"\u0061":2})", 8);
    ASSERT_TRUE(std::holds_alternative<Problem>(parsed));
    EXPECT_EQ(std::get<Problem>(parsed).field, "a");
}

TEST(Token, is_read_from_a_file_without_the_line_end) {
    const auto file = std::filesystem::temp_directory_path() / ("shortlist_token_" + std::to_string(::getpid()));
    const auto load = [&](const std::string& content) {
        std::ofstream(file) << content;
        return load_token(file.string(), {});
    };
    EXPECT_EQ(load("0123456789abcdef\n").value(), "0123456789abcdef");
    EXPECT_EQ(load(" 0123456789abcdef \r\n").value(), "0123456789abcdef");
    for (const std::string wrong : {"too-short", "has a space within it", "0123456789abcde\xff"}) {
        const auto token = load(wrong);
        ASSERT_FALSE(token) << wrong;
        EXPECT_EQ(token.error().message.find(wrong), std::string::npos) << "the secret must not be shown";
    }
    EXPECT_FALSE(load(""));
    EXPECT_FALSE(load(std::string(1025, 'x')));
    EXPECT_EQ(load(std::string(1024, 'x') + "\n").value(), std::string(1024, 'x'));
    std::filesystem::remove(file);
}

TEST(Token, is_authorized_only_whole_and_with_its_scheme) {
    EXPECT_TRUE(is_authorized("Bearer abc", "abc"));
    for (const auto* wrong : {"", "abc", "Bearer ab", "Bearer abcd", "Bearer  abc", "Basic abc", "Bearer"})
        EXPECT_FALSE(is_authorized(wrong, "abc")) << wrong;
}

}  // namespace
}  // namespace shortlist::server
