#include "engine/data/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "engine/data/event_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::HasSubstr;

std::string decode_error(const std::string& bytes) {
    const auto record = decode_record(bytes);
    return record ? "no error" : record.error().message;
}

UserUpsert user_with(const AttributeValue& value) {
    UserUpsert user;
    user.id = "u";
    user.attributes = {{"a", value}};
    return user;
}

TEST(Record, reads_back_every_field) {
    Event event = event_of("a", "x", 5);
    event.event_id = "e";
    event.request_id = "r";
    event.position = 7;
    event.value = 0.25F;
    event.context = {{"device", "tv"}};
    UserUpsert user;
    user.id = "u";
    user.attributes = {
        {"n", 1.5}, {"t", std::string("x")}, {"l", std::vector<std::string>{"a", "b"}}, {"v", std::vector<float>{1, 2}}, {"w", std::int64_t{9}}};
    const auto event_back = std::get<Event>(decode_record(bytes_of(event)).value());
    EXPECT_EQ(event_id_of(event_back), event_id_of(event));
    EXPECT_EQ(event_back.value, 0.25F);
    EXPECT_EQ(event_back.position, 7);
    EXPECT_EQ(event_back.context, event.context);
    EXPECT_EQ(event_back.request_id, "r");
    EXPECT_EQ(std::get<UserUpsert>(decode_record(bytes_of(user)).value()).attributes, user.attributes);
    ItemUpsert item;
    item.id = "i";
    EXPECT_EQ(std::get<ItemUpsert>(decode_record(bytes_of(item)).value()).id, "i");
    EXPECT_EQ(std::get<Tick>(decode_record(bytes_of(Tick{77})).value()).time, 77);
    EXPECT_EQ(std::get<Removed>(decode_record(bytes_of(Removed{"i1"})).value()).item, "i1");
}

TEST(Record, reads_back_parts_of_no_bytes_at_its_end) {
    Event event = event_of("a", "x", 5);
    event.context = {{"", ""}, {"", ""}};
    EXPECT_EQ(std::get<Event>(decode_record(bytes_of(event)).value()).context, event.context);
    for (const AttributeValue& value : {AttributeValue(std::string()), AttributeValue(std::vector<std::string>{"", ""}),
                                        AttributeValue(std::vector<std::string>()), AttributeValue(std::vector<float>{1, 2})}) {
        auto user = user_with(value);
        user.attributes[0].first.clear();
        EXPECT_EQ(std::get<UserUpsert>(decode_record(bytes_of(user)).value()).attributes, user.attributes);
    }
}

// Version, kind, id "u", one attribute of name "a": 1 + 1 + (4 + 1) + 4 + (4 + 1) bytes; then the kind of the value, and its count.
TEST(Record, refuses_counts_that_its_bytes_cannot_hold_before_it_allocates) {
    constexpr std::size_t kCount = 17;
    const std::string most = "\xff\xff\xff\xff";
    EXPECT_THAT(decode_error(bytes_of(user_with(std::vector<std::string>{"b"})).replace(kCount, 4, most)), HasSubstr("ends before its fields do"));
    EXPECT_THAT(decode_error(bytes_of(user_with(std::vector<float>{1})).replace(kCount, 4, most)), HasSubstr("ends before its fields do"));
    EXPECT_THAT(decode_error(bytes_of(user_with(1.0)).replace(7, 4, most)), HasSubstr("ends before its fields do"));
    const std::string event = bytes_of(event_of("a", "x", 5));
    EXPECT_THAT(decode_error(event.substr(0, event.size() - 4) + most), HasSubstr("ends before its fields do"));
}

ServedList list_of_two() {
    ServedList list;
    list.request.request_id = "r1";
    list.request.user = "ann";
    list.request.surface = "home";
    list.request.size = 7;
    list.request.context = {{"device", "tv"}, {"country", ""}};
    list.request.exclude = {"a", "b"};
    list.request.candidates = {"x", "y", "z"};
    list.time = 5;
    list.bundle = "one";
    list.epoch = "history-0";
    list.offset = 11;
    list.tick = 4;
    list.items = {{"x", 0.5F}, {"y", -1}};
    list.features = std::vector<float>{1, kNoValue, -0.0F, 2, 3, 4};
    return list;
}

TEST(Record, keeps_every_field_of_a_served_list) {
    const auto list = list_of_two();
    const auto bytes = bytes_of(list);
    const auto back = std::get<ServedList>(decode_record(bytes).value());
    EXPECT_EQ(bytes_of(back), bytes);
    EXPECT_EQ(back.request.request_id, "r1");
    EXPECT_EQ(back.request.user, "ann");
    EXPECT_EQ(back.request.surface, "home");
    EXPECT_EQ(back.request.size, 7U);
    EXPECT_EQ(back.request.context, list.request.context);
    EXPECT_EQ(back.request.exclude, list.request.exclude);
    EXPECT_EQ(back.request.candidates, list.request.candidates);
    EXPECT_EQ(back.time, 5);
    EXPECT_EQ(back.bundle, "one");
    EXPECT_EQ(back.epoch, "history-0");
    EXPECT_EQ(back.offset, 11U);
    EXPECT_EQ(back.tick, 4);
    ASSERT_EQ(back.items.size(), 2U);
    EXPECT_EQ(back.items[1].id, "y");
    EXPECT_EQ(back.items[1].score, -1);
    ASSERT_EQ(back.features->size(), 6U);
    EXPECT_TRUE(std::isnan((*back.features)[1]));
    EXPECT_TRUE(std::signbit((*back.features)[2]));
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_record(std::string_view(bytes).substr(0, size))) << size;
}

TEST(Record, of_a_list_has_a_whole_row_of_features_an_item_or_none_at_all) {
    auto list = list_of_two();
    list.features.reset();
    EXPECT_FALSE(std::get<ServedList>(decode_record(bytes_of(list)).value()).features);
    list.features.emplace();
    EXPECT_TRUE(std::get<ServedList>(decode_record(bytes_of(list)).value()).features) << "a bundle without a ranker";
    list.features->resize(3);
    EXPECT_THAT(decode_error(bytes_of(list)), HasSubstr("ends before its fields do"));
    list.items.clear();
    EXPECT_FALSE(decode_record(bytes_of(list)));
}

TEST(Record, tells_its_class_by_its_first_bytes) {
    EXPECT_EQ(class_of_record(bytes_of(list_of_two())), RecordClass::List);
    EXPECT_EQ(class_of_record(bytes_of(event_of("a", "x", 5))), RecordClass::State);
    EXPECT_EQ(class_of_record(bytes_of(Tick{5})), RecordClass::State);
    EXPECT_EQ(class_of_record(""), RecordClass::State);
}

TEST(Record, names_a_kind_that_it_does_not_know) {
    std::string bytes = bytes_of(user_with(1.0));
    EXPECT_EQ(bytes.substr(0, 2), "\x01\x03");
    bytes[1] = 7;
    EXPECT_EQ(decode_error(bytes), "a log record has kind 7, which this program does not know");
    bytes[1] = 3;
    bytes[16] = 5;  // the kind of the value
    EXPECT_THAT(decode_error(bytes), HasSubstr("ends before its fields do"));
    EXPECT_EQ(decode_error("\x01"), "a log record has fewer than two bytes");
}

TEST(Record, refuses_bytes_cut_anywhere_and_bytes_behind) {
    Event event = event_of("a", "x", 5);
    event.context = {{"device", "tv"}};
    std::string bytes = bytes_of(event);
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_record(std::string_view(bytes).substr(0, size))) << size;
    EXPECT_TRUE(decode_record(bytes));
    EXPECT_THAT(decode_error(bytes + "x"), HasSubstr("behind"));
    bytes[0] = 2;
    EXPECT_EQ(decode_error(bytes), "a log record has version 2; this program reads version 1");
}

TEST(EventId, is_another_one_where_any_field_is_another_one) {
    Event event = event_of("a", "x", 5);
    event.context = {{"device", "tv"}, {"country", "de"}};
    std::set<EventId> ids{event_id_of(event)};
    const auto expect_new = [&](auto change) {
        Event other = event;
        change(other);
        EXPECT_TRUE(ids.insert(event_id_of(other)).second) << ids.size();
        EXPECT_EQ(event_id_of(other).low & 255U, 0U);
    };
    expect_new([](Event& e) { e.user = "b"; });
    expect_new([](Event& e) { e.item = "y"; });
    expect_new([](Event& e) { std::swap(e.user, e.item); });
    expect_new([](Event& e) { e.type = "like"; });
    expect_new([](Event& e) { e.time = 6; });
    expect_new([](Event& e) { e.value = 1; });
    expect_new([](Event& e) { e.request_id = "r"; });
    expect_new([](Event& e) { e.position = 0; });
    expect_new([](Event& e) { e.context[0].second = "phone"; });
    expect_new([](Event& e) { e.context.pop_back(); });
    expect_new([](Event& e) { e.event_id = "e"; });
}

TEST(EventId, does_not_depend_on_the_order_of_context_nor_on_fields_without_a_value) {
    Event event = event_of("a", "x", 5);
    event.context = {{"device", "tv"}, {"country", "de"}};
    Event other = event;
    other.context = {{"country", "de"}, {"surface", ""}, {"device", "tv"}};
    other.value = -kNoValue;  // a NaN of other bits
    EXPECT_EQ(event_id_of(other), event_id_of(event));
}

TEST(EventId, where_it_is_given_is_all_that_counts) {
    Event event = event_of("a", "x", 5);
    event.event_id = "e";
    Event other = event_of("b", "y", 6);
    other.event_id = "e";
    EXPECT_EQ(event_id_of(event), event_id_of(other));
}

TEST(RequestHash, of_no_request_is_0) {
    EXPECT_EQ(request_hash(""), 0U);
    EXPECT_NE(request_hash("r1"), request_hash("r2"));
}

TEST(ValidateEvent, names_the_field_and_what_is_allowed) {
    const Event good = event_of("a", "x", 5);
    EXPECT_TRUE(validate_event(good, 5));
    const auto message = [&](auto change) {
        Event event = good;
        change(event);
        const auto status = validate_event(event, 5);
        return status ? std::string("no error") : status.error().message;
    };
    EXPECT_THAT(message([](Event& e) { e.user.clear(); }), HasSubstr("user: must have 1 to 256 bytes; got 0"));
    EXPECT_THAT(message([](Event& e) { e.item = std::string(257, 'a'); }), HasSubstr("item: must have 1 to 256 bytes; got 257"));
    EXPECT_THAT(message([](Event& e) { e.type = "\xff"; }), HasSubstr("type: must be valid UTF-8"));
    EXPECT_THAT(message([](Event& e) { e.user = std::string("a\0", 2); }), HasSubstr("NUL"));
    EXPECT_THAT(message([](Event& e) { e.time = 6; }), HasSubstr("time: must lie from 1970 to"));
    EXPECT_THAT(message([](Event& e) { e.time = -1; }), HasSubstr("got -1 microseconds"));
    EXPECT_THAT(message([](Event& e) { e.time = std::numeric_limits<TimeUs>::min(); }), HasSubstr("got -9223372036854775808"));
    EXPECT_THAT(message([](Event& e) { e.value = INFINITY; }), HasSubstr("value"));
    EXPECT_THAT(message([](Event& e) { e.position = -2; }), HasSubstr("position: must be at least 0; got -2"));
    EXPECT_THAT(message([](Event& e) { e.event_id = std::string(257, 'a'); }), HasSubstr("event_id: must have 0 to 256 bytes; got 257"));
    EXPECT_THAT(message([](Event& e) { e.request_id = std::string(257, 'a'); }), HasSubstr("request_id: must have 0 to 256 bytes; got 257"));
    EXPECT_THAT(message([](Event& e) { e.type.clear(); }), HasSubstr("type: must have 1 to 256 bytes; got 0"));
    EXPECT_THAT(message([](Event& e) { e.context.assign(33, {"a", "b"}); }), HasSubstr("at most 32 fields are allowed; got 33"));
    EXPECT_THAT(message([](Event& e) { e.context = {{"", "b"}}; }), HasSubstr("context: must have 1 to 256 bytes; got 0"));
    EXPECT_THAT(message([](Event& e) { e.context = {{"device", std::string(257, 'b')}}; }), HasSubstr("context.device: must have 0 to 256 bytes"));
}

TEST(ValidateEvent, takes_what_lies_on_a_bound) {
    Event event = event_of("a", "x", 0);
    event.type = "t";
    event.position = 0;
    event.context = {{"d", ""}};
    EXPECT_TRUE(validate_event(event, 5));
    event.event_id = event.user = event.item = event.type = event.request_id = std::string(256, 'a');
    event.context.assign(32, {std::string(256, 'a'), std::string(256, 'a')});
    EXPECT_TRUE(validate_event(event, 0));
}

TEST(ValidateUpsert, names_the_attribute_and_what_is_allowed) {
    const auto message = [](const Upsert& upsert) {
        const auto status = validate_upsert(upsert);
        return status ? std::string("no error") : status.error().message;
    };
    Upsert upsert = user_with(1.0);
    upsert.id.clear();
    EXPECT_THAT(message(upsert), HasSubstr("id: must have 1 to 256 bytes; got 0"));
    upsert = user_with(1.0);
    upsert.attributes.assign(257, upsert.attributes[0]);
    EXPECT_THAT(message(upsert), HasSubstr("attributes: at most 256 are allowed; got 257"));
    upsert.attributes = {{"", 1.0}};
    EXPECT_THAT(message(upsert), HasSubstr("attributes: must have 1 to 256 bytes; got 0"));
    EXPECT_THAT(message(user_with(INFINITY)), HasSubstr("a: must be a finite number; got inf"));
    EXPECT_THAT(message(user_with(std::string("\xff"))), HasSubstr("a: must be valid UTF-8"));
    EXPECT_THAT(message(user_with(std::string(65537, 'a'))), HasSubstr("a: must have 0 to 65536 bytes; got 65537"));
    EXPECT_THAT(message(user_with(std::vector<std::string>{"b", std::string(257, 'a')})), HasSubstr("a: must have 0 to 256 bytes; got 257"));
    EXPECT_THAT(message(user_with(std::vector<std::string>(65537))), HasSubstr("a: at most 65536 texts are allowed"));
    EXPECT_THAT(message(user_with(std::vector<float>{1, NAN})), HasSubstr("a: must be a finite number; got nan"));
    EXPECT_THAT(message(user_with(std::vector<float>(65537))), HasSubstr("a: at most 65536 numbers are allowed"));
}

TEST(ValidateUpsert, takes_what_lies_on_a_bound) {
    Upsert upsert = user_with(std::string());
    EXPECT_TRUE(validate_upsert(upsert));
    upsert.id = std::string(256, 'a');
    upsert.attributes.assign(252, {std::string(256, 'a'), std::int64_t{-1}});
    upsert.attributes.emplace_back("t", std::string(65536, 'a'));
    upsert.attributes.emplace_back("l", std::vector<std::string>(65536, ""));
    upsert.attributes.emplace_back("m", std::vector<std::string>{std::string(256, 'a')});
    upsert.attributes.emplace_back("v", std::vector<float>(65536, 1.0F));
    EXPECT_TRUE(validate_upsert(upsert));
}

}  // namespace
}  // namespace shortlist::data
