#include "engine/data/gorse_dump_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "engine/data/gorse_testing_internal.h"

namespace shortlist::data {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Reads a dump from memory, `piece` bytes at a time at most.
class DumpInMemory {
public:
    explicit DumpInMemory(std::string bytes) : bytes_(std::move(bytes)) {}

    /// Every row of the table as JSON, or the error.
    std::vector<std::string> rows(SourceTable table) {
        at_ = 0;
        GorseDump dump(
            "dump.bin",
            [this](char* into, std::size_t bytes) -> Result<std::size_t> {
                const std::size_t taken = bytes_.copy(into, bytes, at_);
                at_ += taken;
                return taken;
            },
            table);
        std::vector<std::string> rows;
        while (true) {
            const auto message = dump.next();
            if (!message) {
                rows.push_back("error: " + message.error().message);
                return rows;
            }
            if (!*message) return rows;
            const auto row = decode_gorse_message(table, **message);
            rows.push_back(row ? boost::json::serialize(*row) : "bad: " + row.error().message);
        }
    }

private:
    std::string bytes_;
    std::size_t at_ = 0;
};

std::string error_of(const std::string& bytes) { return DumpInMemory(bytes).rows(SourceTable::Events).back(); }

}  // namespace

TEST(GorseDump, users_items_and_feedback_are_rows_of_their_tables) {
    DumpInMemory dump(gorse_dump());
    EXPECT_THAT(dump.rows(SourceTable::Users), ElementsAre(R"({"user_id":"ann","country":"nl","age":33,"comment":"first"})", R"({"user_id":"bob"})"));
    EXPECT_THAT(dump.rows(SourceTable::Items),
                ElementsAre(R"({"item_id":"i1","timestamp":"2022-04-25T15:12:21.5Z","genre":"war","year":1957,"tags":["a","b"],)"
                            R"("taste":[5E-1,-1.5E0],"label_comment":"hi","comment":"said","is_hidden":true,"categories":["film","old"]})",
                            R"({"item_id":"i2","labels":["x","y"],"is_hidden":false})"));
    EXPECT_THAT(dump.rows(SourceTable::Events),
                ElementsAre(R"({"feedback_type":"like","user_id":"ann","item_id":"i1","timestamp":"2023-01-01T00:00:00Z","comment":"nice"})",
                            R"({"feedback_type":"read","user_id":"bob","item_id":"i2","timestamp":"2023-01-02T00:00:00.25Z"})"));
}

TEST(GorseDump, feedback_with_a_value_has_it_where_the_older_form_has_the_time) {
    // value = 5: a double; then 6 timestamp, 7 comment. A value of 0 is not written, and the time is told by its place nonetheless.
    const std::string with = wire_text(2, "watch") + wire_text(3, "ann") + wire_text(4, "i1") + wire_double(5, 0.75) +
                             wire_text(6, wire_number(1, 1672531200)) + wire_text(7, "half");
    const std::string zero = wire_text(2, "watch") + wire_text(3, "bob") + wire_text(4, "i1") + wire_text(6, wire_number(1, 1672617600));
    DumpInMemory dump(little_endian(-3) + framed(with) + framed(zero) + little_endian(0));
    EXPECT_THAT(
        dump.rows(SourceTable::Events),
        ElementsAre(R"({"feedback_type":"watch","user_id":"ann","item_id":"i1","value":7.5E-1,"timestamp":"2023-01-01T00:00:00Z","comment":"half"})",
                    R"({"feedback_type":"watch","user_id":"bob","item_id":"i1","timestamp":"2023-01-02T00:00:00Z"})"));
}

TEST(GorseDump, sections_may_come_again_and_what_follows_the_end_mark_is_not_read) {
    DumpInMemory dump(little_endian(-1) + framed(wire_text(1, "ann")) + little_endian(-2) + little_endian(-1) + framed(wire_text(1, "bob")) +
                      little_endian(0) + "{\"Users\": 2}");
    EXPECT_THAT(dump.rows(SourceTable::Users), ElementsAre(R"({"user_id":"ann"})", R"({"user_id":"bob"})"));
    EXPECT_TRUE(dump.rows(SourceTable::Items).empty());
}

TEST(GorseDump, a_dump_cut_anywhere_says_that_it_is_cut_off) {
    const std::string whole = gorse_dump();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        SCOPED_TRACE(size);
        EXPECT_THAT(error_of(whole.substr(0, size)), HasSubstr("error: dump.bin: the dump is cut off at byte"));
    }
    EXPECT_EQ(error_of(whole).find("error"), std::string::npos);
}

TEST(GorseDump, an_absurd_length_or_tag_is_an_error_that_names_it) {
    EXPECT_THAT(error_of(little_endian(-3) + little_endian(std::int64_t{1} << 62)),
                HasSubstr("at byte 8 a message says that it has 4611686018427387904"));
    EXPECT_THAT(error_of(little_endian(-3) + little_endian(1000) + "short"), HasSubstr("a message of 1000 bytes has 5 of them"));
    EXPECT_THAT(error_of(little_endian(-4)), HasSubstr("at byte 0 stands the tag -4; a dump has -1, -2 and -3"));
    EXPECT_THAT(error_of(framed("x")), HasSubstr("a message of 1 bytes stands before the first tag"));
    EXPECT_THAT(error_of("user,item,time\n1,2,3\n"), HasSubstr("not a Gorse dump"));
}

TEST(GorseDump, a_message_that_is_none_spoils_no_other) {
    const std::string good = framed(wire_text(1, "ann"));
    DumpInMemory dump(little_endian(-1) + framed("\xff\xff\xff") + framed(wire_text(1, "eve") + wire_text(2, "{\"a\":")) + good + little_endian(0));
    EXPECT_THAT(dump.rows(SourceTable::Users), ElementsAre("bad: not a message of this section", "bad: labels are not JSON", R"({"user_id":"ann"})"));
}

TEST(GorseDump, gos_zero_time_is_no_time) {
    const std::string item = wire_text(2, "i1") + wire_text(5, wire_number(1, static_cast<std::uint64_t>(-62'135'596'800)));
    DumpInMemory dump(little_endian(-2) + framed(item) + little_endian(0));
    EXPECT_THAT(dump.rows(SourceTable::Items), ElementsAre(R"({"item_id":"i1","is_hidden":false})"));
}

}  // namespace shortlist::data
