// Files of other engines, read as a project reads them: a Gorse dump and Metarank's events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/gorse_testing_internal.h"
#include "engine/data/import_testing_internal.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ForeignFiles : public ImportTest {
protected:
    void use(const std::string& file, FileFormat format) {
        config = DataConfig{};
        config.events.path = config.items.path = config.users.path = {file};
        config.events.format = config.items.format = config.users.format = format;
        config.max_bad_rows = 0.5;
        const bool gorse = format == FileFormat::Gorse;
        config.events.columns.user = config.users.id = gorse ? "user_id" : "user";
        config.events.columns.item = config.items.id = gorse ? "item_id" : "item";
        config.events.columns.time.column = "timestamp";
        config.events.columns.type = gorse ? "feedback_type" : "type";
        if (gorse) return;
        config.events.columns.event_id = "id";
        config.events.columns.request_id = "request_id";
        config.events.columns.position = "position";
        config.events.context = {"query"};
    }
};

TEST_F(ForeignFiles, a_gorse_dump_gives_events_and_labels_as_attributes) {
    use("dump.bin", FileFormat::Gorse);
    config.items.attributes = {{"genre", {AttributeType::Category, "", ""}},
                               {"year", {AttributeType::Number, "", ""}},
                               {"tags", {AttributeType::Categories, "", ""}},
                               {"taste", {AttributeType::Vector, "", ""}},
                               {"born", {AttributeType::Time, "timestamp", ""}}};
    config.users.attributes = {{"age", {AttributeType::Number, "", ""}}};
    folder.write("dump.bin", gorse_dump());
    const auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->rows_quarantined, 0U);
    const auto data = load();
    EXPECT_THAT(users_of(data), ElementsAre("ann", "bob"));
    EXPECT_THAT(types_of(data), ElementsAre("like", "read"));
    EXPECT_THAT(data.events.time, ElementsAre(1'672'531'200 * kSecondUs, 1'672'617'600 * kSecondUs + 250'000));
    EXPECT_EQ(data.items.find("year")->numbers.at(0), 1957.0F);
    EXPECT_EQ(data.items.find("genre")->values[data.items.find("genre")->codes.at(0)], "war");
    EXPECT_THAT(data.items.find("tags")->offsets, ElementsAre(0, 2, 2));
    EXPECT_THAT(std::vector<float>(data.items.find("taste")->numbers.begin(), data.items.find("taste")->numbers.begin() + 2),
                ElementsAre(0.5F, -1.5F));
    EXPECT_EQ(data.items.find("born")->times.at(0), 1'650'899'541 * kSecondUs + 500'000);
    EXPECT_EQ(data.users.find("age")->numbers.at(0), 33.0F);
}

TEST_F(ForeignFiles, a_bad_message_of_a_dump_is_quarantined_with_its_place) {
    use("dump.bin", FileFormat::Gorse);
    const auto feedback = [](std::string_view user, std::uint64_t second) {
        return framed(wire_text(2, "like") + wire_text(3, user) + wire_text(4, "i") + wire_text(5, wire_number(1, second)));
    };
    folder.write("dump.bin", little_endian(-1) + framed(wire_text(1, "ann")) + little_endian(-2) + framed(wire_text(2, "i")) + little_endian(-3) +
                                 feedback("ann", 1'650'000'000) + framed("\xff") + feedback("", 1'650'000'000) + feedback("bob", 1'650'000'001) +
                                 little_endian(0));
    const auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->events_kept, 2U);
    EXPECT_EQ(report->quarantined, (std::map<std::string, std::uint64_t>{{"missing id", 1}, {"not a message of this section", 1}}));
    EXPECT_THAT(folder.read("quarantine/import.ndjson"), HasSubstr(R"("row":1,"reason":"not a message of this section")"));
}

TEST_F(ForeignFiles, a_dump_that_is_cut_off_is_an_error_and_changes_nothing) {
    use("dump.bin", FileFormat::Gorse);
    const std::string whole = gorse_dump();
    folder.write("dump.bin", whole.substr(0, whole.size() - 9));
    EXPECT_THAT(import_error(), HasSubstr("dump.bin: the dump is cut off at byte"));
    EXPECT_EQ(load().events.size(), 0U);
}

constexpr std::string_view kMetarank =
    R"({"event": "item", "id": "1", "timestamp": "1599391467000", "item": "i1", "fields": [{"name": "price", "value": 5}]}
{"event": "item", "id": "2", "timestamp": "1599391467000", "item": "i2", "fields": [{"name": "price", "value": 7}, {"name": "color", "value": "red"}]}
{"event": "user", "id": "3", "timestamp": "1599391467000", "user": "u1", "fields": [{"name": "age", "value": 33}]}
{"event": "ranking", "id": "r1", "timestamp": "1599391468000", "user": "u1", "fields": [{"name": "query", "value": "cat"}], "items": [{"id": "i2"}, {"id": "i1"}]}
{"event": "interaction", "id": "4", "ranking": "r1", "timestamp": "2020-09-06T11:24:29Z", "user": "u1", "type": "click", "item": "i1"}
{"event": "item", "id": "5", "timestamp": "1599391470000", "item": "i2", "fields": [{"name": "price", "value": 6}]}
{"event": "nothing"}
)";

TEST_F(ForeignFiles, metaranks_rankings_are_impressions_that_their_interactions_name) {
    use("events.jsonl", FileFormat::Metarank);
    config.items.attributes = {{"price", {AttributeType::Number, "", ""}}, {"color", {AttributeType::Category, "", ""}}};
    folder.write("events.jsonl", kMetarank);
    const auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->quarantined, (std::map<std::string, std::uint64_t>{{"not an item, user, ranking or interaction", 1}}));
    const auto data = load();
    EXPECT_THAT(types_of(data), ElementsAre("impression", "impression", "click"));
    const auto& events = data.events;
    EXPECT_EQ(events.request[0], request_hash("r1"));
    EXPECT_EQ(events.request[1], events.request[0]);
    EXPECT_EQ(events.request[2], events.request[0]) << "the click is joined to the ranking";
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(data.items.ids[events.item[i]], events.position[i] == 0 ? "i2" : "i1");
        EXPECT_EQ(events.context_values[0][events.context[0][i]], "cat");
    }
    EXPECT_EQ(events.position[2], kNoPosition);
    EXPECT_EQ(events.time[2], 1'599'391'469 * kSecondUs);
}

TEST_F(ForeignFiles, metarank_tells_of_an_item_again_when_some_of_it_changed) {
    use("events.jsonl", FileFormat::Metarank);
    config.items.attributes = {{"price", {AttributeType::Number, "", ""}}, {"color", {AttributeType::Category, "", ""}}};
    folder.write("events.jsonl", kMetarank);
    ASSERT_TRUE(import());
    const auto items = load().items;
    EXPECT_THAT(items.find("price")->numbers, ElementsAre(5.0F, 6.0F));
    EXPECT_EQ(items.find("color")->values[items.find("color")->codes[1]], "red") << "what a later event does not name stays";
}

}  // namespace
}  // namespace shortlist::data
