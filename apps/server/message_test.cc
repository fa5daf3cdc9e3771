#include "apps/server/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <shortlist.pb.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "apps/server/poison_file.h"

namespace shortlist::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr TimeUs kNoon = 1'714'564'800'000'000;  // 2024-05-01T12:00:00Z

MessageContent read_json(std::string_view text, MessageKind kind = MessageKind::Events) { return read_message(text, kind, {}); }

MessageContent read_binary(const std::string& bytes, MessageKind kind = MessageKind::Events) {
    MessageRules rules;
    rules.format = kafka::MessageFormat::Protobuf;
    return read_message(bytes, kind, rules);
}

std::string bytes_of(const data::Record& record) {
    std::string bytes;
    data::encode_record(record, bytes);
    return bytes;
}

TEST(Message, is_one_event_or_a_list_of_them_as_they_are_posted) {
    const auto one = read_json(R"({"user":"ann","item":"film","type":"watch","time":"2024-05-01T12:00:00Z","value":0.5})");
    ASSERT_EQ(one.records.size(), 1U);
    const auto& event = std::get<data::Event>(one.records[0]);
    EXPECT_EQ(event.user, "ann");
    EXPECT_EQ(event.time, kNoon);
    EXPECT_EQ(event.value, 0.5F);
    const auto many = read_json(R"({"events":[{"user":"a","item":"x","type":"watch"},{"user":"b","item":"x","type":"watch"}]})");
    ASSERT_EQ(many.records.size(), 2U);
    EXPECT_EQ(std::get<data::Event>(many.records[1]).user, "b");
    EXPECT_EQ(std::get<data::Event>(many.records[1]).time, 0) << "that of the message";
}

TEST(Message, names_what_is_wrong_with_each_entry_and_keeps_the_others) {
    const auto content = read_json(R"({"events":[{"user":"a","item":"x"},{"user":"b","item":"x","type":"watch"},{"usr":"c"}]})");
    ASSERT_EQ(content.records.size(), 1U);
    EXPECT_EQ(std::get<data::Event>(content.records[0]).user, "b");
    ASSERT_EQ(content.faults.size(), 2U);
    EXPECT_EQ(content.faults[0].field, "type");
    EXPECT_EQ(content.faults[0].reason, "type: the field is required");
    EXPECT_THAT(content.faults[1].reason, HasSubstr("did you mean \"user\"?"));
}

TEST(Message, that_is_no_json_is_one_fault) {
    for (const auto* text : {"", "{", "[]", "7", "\xff", R"({"user":"a","user":"b"})"}) {
        const auto content = read_json(text);
        EXPECT_THAT(content.records, IsEmpty()) << text;
        EXPECT_EQ(content.faults.size(), 1U) << text;
    }
}

TEST(Message, of_another_topic_is_an_item_or_a_user) {
    const auto* text = R"({"id":"film","attributes":{"category":"drama","length":90,"tags":["a","b"],"look":[0.5,1]}})";
    const auto item = read_json(text, MessageKind::Items);
    ASSERT_EQ(item.records.size(), 1U);
    const auto& attributes = std::get<data::ItemUpsert>(item.records[0]).attributes;
    EXPECT_THAT(attributes, ElementsAre(Pair("category", data::AttributeValue("drama")), Pair("length", data::AttributeValue(90.0)),
                                        Pair("tags", data::AttributeValue(std::vector<std::string>{"a", "b"})),
                                        Pair("look", data::AttributeValue(std::vector<float>{0.5F, 1.0F}))));
    EXPECT_EQ(std::get<data::UserUpsert>(read_json(text, MessageKind::Users).records.at(0)).id, "film");
}

TEST(Message, says_the_same_in_its_binary_form) {
    v1::Event message;
    message.set_event_id("e1");
    message.set_time(kNoon);
    message.set_user("ann");
    message.set_item("film");
    message.set_type("watch");
    message.set_value(0.5F);
    message.set_request_id("r1");
    message.set_position(0);
    (*message.mutable_context())["device"] = "phone";
    (*message.mutable_context())["country"] = "NL";
    const auto binary = read_binary(message.SerializeAsString());
    const auto json =
        read_json(R"({"event_id":"e1","time":1714564800000000,"user":"ann","item":"film","type":"watch","value":0.5,"request_id":"r1","position":0,)"
                  R"("context":{"country":"NL","device":"phone"}})");
    ASSERT_EQ(binary.records.size(), 1U);
    ASSERT_EQ(json.records.size(), 1U);
    EXPECT_EQ(bytes_of(binary.records[0]), bytes_of(json.records[0]));

    v1::Event least;
    least.set_user("ann");
    const auto event = std::get<data::Event>(read_binary(least.SerializeAsString()).records.at(0));
    EXPECT_TRUE(std::isnan(event.value)) << "a value that is not there is none";
    EXPECT_EQ(event.position, data::kNoPosition);
}

TEST(Message, of_an_entity_says_the_same_in_its_binary_form) {
    v1::Entity message;
    message.set_id("film");
    auto& attributes = *message.mutable_attributes();
    attributes["category"].set_text("drama");
    attributes["length"].set_number(90);
    attributes["tags"].mutable_texts()->add_texts("a");
    attributes["look"].mutable_vector()->add_numbers(0.5F);
    attributes["added"].set_time(kNoon);
    const auto content = read_binary(message.SerializeAsString(), MessageKind::Items);
    ASSERT_EQ(content.records.size(), 1U);
    EXPECT_THAT(std::get<data::ItemUpsert>(content.records[0]).attributes,
                ElementsAre(Pair("added", data::AttributeValue(std::int64_t{kNoon})), Pair("category", data::AttributeValue("drama")),
                            Pair("length", data::AttributeValue(90.0)), Pair("look", data::AttributeValue(std::vector<float>{0.5F})),
                            Pair("tags", data::AttributeValue(std::vector<std::string>{"a"}))));
    EXPECT_EQ(std::get<data::UserUpsert>(read_binary(message.SerializeAsString(), MessageKind::Users).records.at(0)).id, "film");
    attributes["nothing"];
    EXPECT_EQ(read_binary(message.SerializeAsString(), MessageKind::Items).faults.at(0).field, "attributes.nothing");
}

TEST(Message, that_is_cut_short_or_counts_in_milliseconds_is_a_fault) {
    v1::Event message;
    message.set_user("ann");
    const auto bytes = message.SerializeAsString();
    EXPECT_EQ(read_binary(bytes.substr(0, bytes.size() - 1)).faults.at(0).reason, "not a message of the type shortlist.v1.Event");
    message.set_time(kNoon / 1000);
    EXPECT_EQ(read_binary(message.SerializeAsString()).faults.at(0).field, "time");
}

TEST(PoisonFile, holds_a_line_for_each_message_also_of_a_process_before) {
    const auto folder = std::filesystem::path(testing::TempDir()) / ("shortlist-poison-" + std::to_string(::getpid()));
    const auto path = folder / "quarantine" / "kafka.ndjson";
    const kafka::Partition partition{"clicks", 2};
    for (const std::int64_t offset : {7, 8}) {
        PoisonFile file(path);
        ASSERT_TRUE(file.flush());
        EXPECT_EQ(std::filesystem::exists(path), offset == 8) << "without a line there is no file";
        const std::string value = "\xff{" + std::string(2000, 'x');
        file.add({partition, offset, 0, value}, {"not \"JSON\"", "user"});
        ASSERT_TRUE(file.flush());
    }
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::filesystem::remove_all(folder);
    const std::string value = "\\ufffd{" + std::string(1022, 'x');  // the first kilobyte; what is no UTF-8 replaced
    const auto line = [&](const std::string& offset) {
        return R"({"topic":"clicks","partition":2,"offset":)" + offset + R"(,"reason":"not \"JSON\"","field":"user","value":")" + value + "\"}\n";
    };
    EXPECT_EQ(text, line("7") + line("8"));
}

data::ServedList served_list() {
    data::ServedList list;
    list.request.request_id = "r1";
    list.request.user = "ann";
    list.request.surface = "home";
    list.request.context = {{"device", "tv"}};
    list.time = 1'700'000'000'000'000;
    list.bundle = "b1";
    list.items = {{"i1", 0.5F}, {"i\"2", -1.25F}};
    return list;
}

TEST(WriteMessage, a_list_is_one_json_object) {
    EXPECT_EQ(write_message(served_list(), kafka::MessageFormat::Json),
              R"({"request_id":"r1","time":1700000000000000,"user":"ann","surface":"home","bundle":"b1","context":{"device":"tv"},)"
              R"("items":[{"id":"i1","score":5E-1},{"id":"i\"2","score":-1.25E0}]})");
}

TEST(WriteMessage, a_list_in_protobuf_has_the_same_fields) {
    v1::List list;
    ASSERT_TRUE(list.ParseFromString(write_message(served_list(), kafka::MessageFormat::Protobuf)));
    EXPECT_EQ(list.request_id(), "r1");
    EXPECT_EQ(list.time(), 1'700'000'000'000'000);
    EXPECT_EQ(list.user(), "ann");
    EXPECT_EQ(list.surface(), "home");
    EXPECT_EQ(list.bundle(), "b1");
    EXPECT_EQ(list.context().at("device"), "tv");
    ASSERT_EQ(list.items_size(), 2);
    EXPECT_EQ(list.items(1).id(), "i\"2");
    EXPECT_EQ(list.items(1).score(), -1.25F);
}

}  // namespace
}  // namespace shortlist::server
