#include "engine/data/retention_internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "engine/base/random.h"
#include "engine/data/dataset_testing_internal.h"
#include "engine/data/event_testing_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/import_testing_internal.h"
#include "engine/data/segment_internal.h"
#include "engine/data/time_travel.h"

namespace shortlist::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TimeUs kStart = 1'650'000'000 * kSecondUs;
constexpr std::uint64_t kSealedAtOnce = 20;

/// When a record happened, in this test's own words.
std::optional<TimeUs> when(const Record& record) {
    if (std::holds_alternative<Event>(record)) return std::get<Event>(record).time;
    if (std::holds_alternative<Tick>(record)) return std::get<Tick>(record).time;
    if (std::holds_alternative<ServedList>(record)) return std::get<ServedList>(record).time;
    return std::nullopt;
}

Upsert upsert_of(std::string id, std::string name, AttributeValue value) {
    Upsert upsert;
    upsert.id = std::move(id);
    upsert.attributes.emplace_back(std::move(name), std::move(value));
    return upsert;
}

ServedList list_of(const std::string& user, TimeUs time) {
    ServedList list;
    list.request.user = user;
    list.time = time;
    list.items = {{"i1", 1.0F}};
    return list;
}

/// Imported: a file each of events, items and users. Live: what a test appends.
class Retention : public ImportTest {
protected:
    Retention() {
        config.events.context = {"city"};
        config.users.path = {"users.csv"};
        config.users.attributes["job"].type = AttributeType::Category;
        config.users.attributes["note"].type = AttributeType::Text;
        config.items.path = {"items.csv"};
        config.items.attributes["price"].type = AttributeType::Number;
        config.items.attributes["kind"].type = AttributeType::Category;
        config.items.attributes["tags"] = {AttributeType::Categories, "", "|"};
        config.items.attributes["taste"].type = AttributeType::Vector;
        folder.write("items.csv", "id,price,kind,tags,taste\ni1,1,book,a|b,\ni2,2,film,b,\n");
        folder.write("users.csv", "id,job,note\nann,cook,\nbob,,\n");
    }

    /// An event of a file.
    static std::string row(const std::string& user, const std::string& item, int second) {
        return user + "," + item + "," + std::to_string(1'650'000'000 + second) + ",view,1,town of " + user + "\n";
    }
    ImportReport import_rows(const std::string& rows) { return import_events("user,item,time,type,value,city\n" + rows); }
    static Event event(const std::string& user, const std::string& item, int second) {
        Event event = event_of(user, item, kStart + second * kSecondUs);
        event.event_id = user + item + std::to_string(second);
        event.context = {{"city", "town of " + user}};
        return event;
    }
    void append(const std::vector<Record>& records, std::uint64_t seal = 0) {
        auto log = Log::open_writer(folder.path()).value();
        ASSERT_TRUE(log.append(std::span<const Record>(records)));
        if (seal > 0) {
            ASSERT_TRUE(log.seal(seal));
        }
    }
    Compacted compact(int seconds) {
        auto log = Log::open_writer(folder.path()).value();
        const auto gone = log.compact(seconds * kSecondUs);
        EXPECT_TRUE(gone) << gone.error().message;
        return gone.value_or(Compacted{});
    }
    /// The history, the segments and where the tail begins: what a compaction that finds nothing leaves byte for byte.
    std::map<std::string, std::string> log_files() {
        auto files = folder.contents("log/segments");
        for (const auto& [path, bytes] : folder.contents("log")) {
            if (path.starts_with("log/history-") || path == "log/CURRENT") files[path] = bytes;
        }
        return files;
    }
    /// Files of log and state that hold a text; the files that were imported lie beside them.
    std::vector<std::string> kept_with(std::string_view text) {
        auto found = files_with(text);
        std::erase_if(found, [](const std::string& path) { return path.ends_with(".csv"); });
        return found;
    }
    std::vector<std::string> lists() {
        std::vector<std::string> users;
        EXPECT_TRUE(Log::open_reader(folder.path())->read_lists(0, [&users](std::uint64_t, const ServedList& list) -> Status {
            users.push_back(list.request.user);
            return {};
        }));
        return users;
    }
};

/// A log drawn by a seed, and what an own reading of it says must stay.
class RandomRetention : public Retention {
protected:
    void draw(std::uint64_t seed) {
        SCOPED_TRACE(seed);
        Rng rng(seed);
        std::string rows;
        for (std::uint64_t i = rng.below(40); i > 0; --i) rows += row(any("imported", rng), any("i", rng), static_cast<int>(rng.below(500)));
        import_rows(rows + row("somebody", "i1", 499));
        records.clear();
        for (std::uint64_t i = 30 + rng.below(150); i > 0; --i) records.push_back(any_record(rng, static_cast<int>(400 + 8 * records.size())));
        auto log = Log::open_writer(folder.path()).value();
        const std::size_t in_segments = rng.below(records.size());
        ASSERT_TRUE(log.append(std::span<const Record>(records).first(in_segments), std::vector<StreamPosition>{{"topic", 3, 17, kStart}}));
        sealed = log.seal(kSealedAtOnce).value();
        ASSERT_TRUE(log.append(std::span<const Record>(records).subspan(in_segments)));
        newest = kStart + 499 * kSecondUs;
        for (const auto& record : records) {
            if (std::holds_alternative<Event>(record)) newest = std::max(newest, *when(record));
        }
        folder.write("state/of.snapshot", "what was folded");
    }
    /// Record by record: where the run of old ones ends, and down to a segment's beginning.
    [[nodiscard]] std::size_t place_of_cut(TimeUs bound) const {
        std::size_t young = 0;
        while (young < records.size() && when(records[young]).value_or(0) < bound) ++young;
        const std::size_t cut = young < sealed ? young / kSealedAtOnce * kSealedAtOnce : young;
        const auto is_old = [](const Record& record) { return when(record).has_value(); };
        return std::any_of(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(cut), is_old) ? cut : 0;
    }
    void expect_what_stays(const Dataset& before, TimeUs bound) {
        const std::size_t cut = place_of_cut(bound);
        std::vector<std::string> events;
        std::set<std::string> users;
        std::size_t i = 0;
        for (; i < before.imported_events; ++i) {
            if (before.events.time[i] >= bound) events.push_back(event_text(before, i)), users.emplace(before.users.ids[before.events.user[i]]);
        }
        std::vector<std::string> lists_left;
        for (std::size_t r = 0; r < records.size(); ++r) {
            const auto* event = std::get_if<Event>(&records[r]);
            if (event != nullptr && r >= cut) events.push_back(event_text(before, i)), users.insert(event->user);
            i += event == nullptr ? 0 : 1;
            if (const auto* list = std::get_if<ServedList>(&records[r]); list != nullptr && r >= cut) lists_left.push_back(list->request.user);
            if (const auto* user = std::get_if<UserUpsert>(&records[r])) users.insert(user->id);
        }
        for (UserRow row = 0; row < before.users.size(); ++row) {
            if (!before.users.is_blank(row)) users.emplace(before.users.ids[row]);
        }
        const Dataset after = load();
        EXPECT_EQ(event_texts(after), events);
        EXPECT_EQ(row_texts(after.items), row_texts(before.items)) << "in their rows";
        std::set<std::string> found;
        for (UserRow row = 0; row < after.users.size(); ++row) {
            found.emplace(after.users.ids[row]);
            EXPECT_EQ(row_text(after.users, row), row_text(before.users, before.users.ids.find(after.users.ids[row])));
        }
        EXPECT_EQ(found, users);
        EXPECT_EQ(lists(), lists_left);
        EXPECT_EQ(after.log_end, after.imported_events + records.size() - cut);
        for (UserRow row = 0; row < before.users.size(); ++row) {
            if (!users.contains(std::string(before.users.ids[row]))) {
                EXPECT_THAT(kept_with(before.users.ids[row]), IsEmpty());
            }
        }
    }

    static std::string any(const std::string& what, Rng& rng) { return what + (what == "i" ? "" : "-user-") + std::to_string(rng.below(12)) + "."; }
    static Record any_record(Rng& rng, int second) {
        const TimeUs time = kStart + (second + static_cast<int>(rng.below(60)) - 30) * kSecondUs;
        if (rng.chance(0.1)) return Tick{time};
        if (rng.chance(0.1)) return list_of(any("listed", rng), time);
        if (rng.chance(0.1)) return UserUpsert{upsert_of(any("updated", rng), "note", "note " + std::to_string(second))};
        if (rng.chance(0.1)) return ItemUpsert{upsert_of(any("i", rng), "price", static_cast<double>(second))};
        if (rng.chance(0.1)) return ItemUpsert{upsert_of(any("i", rng), "kind", "kind " + std::to_string(rng.below(5)))};
        if (rng.chance(0.1)) return ItemUpsert{upsert_of(any("i", rng), "tags", std::vector<std::string>(rng.below(3), "tag"))};
        if (rng.chance(0.05)) return ItemUpsert{upsert_of(any("i", rng), "taste", std::vector<float>(1 + rng.below(2), 0.5F))};
        if (rng.chance(0.05)) return Removed{any("i", rng)};
        Event event = Retention::event(any("live", rng), any("i", rng), second);
        event.time = time;
        return event;
    }

    std::vector<Record> records;
    std::uint64_t sealed = 0;
    TimeUs newest = 0;
};

TEST_F(RandomRetention, leaves_what_an_own_reading_of_the_log_says_must_stay) {
    std::size_t cuts = 0;
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
        SCOPED_TRACE(seed);
        std::filesystem::remove_all(folder.path() / "log");
        draw(seed);
        const Dataset before = load();
        const int keep = static_cast<int>(Rng(seed).below(800));
        const TimeUs bound = newest - keep * kSecondUs;
        auto log = std::make_optional(Log::open_writer(folder.path()).value());
        const std::string epoch = log->epoch();
        const bool holds = log->holds_older(keep * kSecondUs).value();
        const Compacted gone = log->compact(keep * kSecondUs).value();
        EXPECT_EQ(holds, log->epoch() != epoch) << "a new epoch begins where something went, and nowhere else";
        EXPECT_FALSE(log->holds_older(keep * kSecondUs).value());
        EXPECT_THAT(log->positions().value(), ElementsAre(StreamPosition{"topic", 3, 17, kStart}));
        const auto files = log_files();
        EXPECT_EQ(log->compact(keep * kSecondUs)->imported_events, 0U);
        EXPECT_EQ(log_files(), files) << "the second time nothing is old";
        log.reset();
        const Dataset after = load();
        if (holds) {
            expect_what_stays(before, bound);
        } else {
            EXPECT_EQ(event_texts(after), event_texts(before));
            EXPECT_EQ(row_texts(after.users), row_texts(before.users));
        }
        EXPECT_EQ(gone.imported_events, before.imported_events - after.imported_events);
        EXPECT_EQ(gone.imported_events + gone.live_events, before.events.size() - after.events.size());
        EXPECT_EQ(std::filesystem::exists(folder.path() / "state"), !holds);
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "log/compact.intent"));
        EXPECT_THAT(Log::open_writer(folder.path())->positions().value(), ElementsAre(StreamPosition{"topic", 3, 17, kStart}));
        cuts += place_of_cut(bound) > 0 ? 1 : 0;
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(cuts, 8U) << "live records left";
}

TEST_F(RandomRetention, in_two_steps_leaves_no_more_than_in_one) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(seed);
        std::filesystem::remove_all(folder.path() / "log");
        draw(seed);
        const Dataset before = load();
        for (const int keep : {900, 500, 200}) compact(keep);
        const Dataset after = load();
        std::filesystem::remove_all(folder.path() / "log");
        draw(seed);
        compact(200);
        const Dataset at_once = load();
        EXPECT_EQ(row_texts(after.items), row_texts(before.items));
        EXPECT_EQ(event_texts(after), event_texts(at_once));
        EXPECT_EQ(row_texts(after.users), row_texts(at_once.users));
    }
}

TEST_F(RandomRetention, an_import_behind_it_gives_what_an_import_before_it_gives) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(seed);
        std::vector<std::vector<std::string>> texts;
        for (const bool compact_first : {true, false}) {
            std::filesystem::remove_all(folder.path() / "log");
            options.keep = 0;
            folder.write("items.csv", "id,price,kind,tags,taste\ni1,1,book,a|b,\ni2.,2,film,b,\n");
            draw(seed);
            options.keep = 400 * kSecondUs;
            if (compact_first) compact(400);
            folder.write("items.csv", "id,price,kind,tags,taste\ni2.,7,paper,c,\ni3.,8,paper,c,\nof file,9,,,\n");
            import_rows(row("imported-user-1.", "i4.", 10) + row("bob", "i77", 20) + row("ann", "i78", 450));
            if (!compact_first) compact(400);
            const Dataset data = load();
            texts.insert(texts.end(), {event_texts(data), row_texts(data.items), row_texts(data.users), lists()});
        }
        for (std::size_t part = 0; part < 4; ++part) EXPECT_EQ(texts[part], texts[part + 4]) << part;
    }
}

TEST_F(Retention, an_import_brings_nothing_back_and_takes_nothing_that_was_said_live) {
    const std::string rows = row("gone", "i1", 0) + row("ann", "i2", 5) + row("bob", "i1", 1000);
    import_rows(rows);
    append({ItemUpsert{upsert_of("i1", "price", 5.0)}, ItemUpsert{upsert_of("only live", "kind", std::string("cup"))}, event("live", "by event", 10),
            UserUpsert{upsert_of("ann", "note", std::string("likes tea"))}, event("late", "i1", 990)});
    options.keep = 100 * kSecondUs;
    const Compacted gone = compact(100);
    EXPECT_EQ(gone.imported_events, 2U);
    EXPECT_EQ(gone.live_events, 1U);
    const auto before = row_texts(load().items);
    config.unknown_items = UnknownItems::Quarantine;
    config.max_bad_rows = 0.5;
    const auto report = import_rows(rows + row("cat", "only live", 1001) + row("cat", "by event", 1002));
    EXPECT_EQ(report.older, 2U);
    EXPECT_EQ(report.events_kept, 2U);
    EXPECT_EQ(report.quarantined.at("unknown item"), 1U) << "only what somebody described is known";
    EXPECT_EQ(report.tail_events, 1U);
    const Dataset data = load();
    EXPECT_THAT(users_of(data), ElementsAre("bob", "cat", "late"));
    EXPECT_EQ(row_texts(data.items), before) << "the file says 1 of the price, and what was said live is newer";
    EXPECT_EQ(data.users.find("note")->texts[data.users.ids.find("ann")], "likes tea");
    EXPECT_EQ(data.users.ids.find("gone"), kNoRow);
    const auto files = log_files();
    EXPECT_FALSE(import_rows(rows + row("cat", "only live", 1001) + row("cat", "by event", 1002)).changed);
    EXPECT_EQ(log_files(), files);
}

TEST_F(Retention, of_what_was_said_of_an_item_the_last_that_its_table_takes_stays) {
    import_rows(row("ann", "i1", 0));
    append({ItemUpsert{upsert_of("i1", "price", 5.0)}, ItemUpsert{upsert_of("i1", "price", std::string("dear"))},
            ItemUpsert{upsert_of("i2", "taste", std::vector<float>{1, 2})}, ItemUpsert{upsert_of("i1", "taste", std::vector<float>{3, 4})},
            ItemUpsert{upsert_of("i1", "taste", std::vector<float>{3, 4, 5})}, ItemUpsert{upsert_of("i1", "weight", 7.0)},
            UserUpsert{upsert_of("shy", "job", 1.0)}, event("ann", "i1", 10), event("ann", "i1", 1000)});
    const auto before = row_texts(load().items);
    EXPECT_EQ(compact(100).live_events, 1U);
    EXPECT_EQ(row_texts(load().items), before);
    EXPECT_EQ(load().users.ids.find("shy"), kNoRow) << "what was said of them nobody took";
    EXPECT_EQ(load().changes.size(), 2U) << "one an item";
    config.items.attributes["weight"].type = AttributeType::Number;
    config.items.attributes["weight"].column = "price";
    import_rows(row("ann", "i1", 0));
    EXPECT_EQ(load().items.find("weight")->numbers[0], 7) << "an attribute that the project file names later";
}

TEST_F(Retention, an_event_that_left_is_known_no_more_and_one_that_stays_is_where_it_is) {
    import_rows(row("ann", "i1", 0));
    append({event("ann", "i1", 10), event("bob", "i1", 20), event("ann", "i2", 1000), event("bob", "i2", 1001)}, 1);
    auto log = Log::open_writer(folder.path()).value();
    ASSERT_EQ(log.compact(500 * kSecondUs)->live_events, 2U);
    EXPECT_EQ(log.tail_begin(), 0U);
    EXPECT_EQ(log.end(), 2U);
    const std::vector<Event> again{event("ann", "i1", 10), event("bob", "i2", 1001), event("new", "i2", 1002)};
    const auto outcomes = log.append(std::span<const Event>(again)).value();
    EXPECT_FALSE(outcomes[0].duplicate);
    EXPECT_EQ(outcomes[0].offset, 2U);
    EXPECT_TRUE(outcomes[1].duplicate);
    EXPECT_EQ(outcomes[1].offset, 1U);
    EXPECT_EQ(outcomes[2].offset, 3U);
    std::vector<std::uint64_t> offsets;
    ASSERT_TRUE(log.read_tail(1, [&offsets](std::uint64_t offset, const Record&) -> Status {
        offsets.push_back(offset);
        return {};
    }));
    EXPECT_THAT(offsets, ElementsAre(1, 2, 3));
    EXPECT_FALSE(log.holds_older(500 * kSecondUs).value()) << "it is older, but not at the log's beginning";
    EXPECT_EQ(log.compact(1 * kSecondUs)->live_events, 1U);
    EXPECT_EQ(log.seal(1).value(), 6U) << "sequences go on";
    EXPECT_THAT(users_of(load()), ElementsAre("bob", "ann", "new"));
}

TEST_F(Retention, all_may_go_but_the_newest_event_and_the_log_goes_on) {
    import_rows(row("ann", "i1", 0) + row("bob", "i2", 5000));
    append({event("ann", "i1", 10), list_of("ann", kStart), Tick{kStart}, event("bob", "i1", 20)});
    const Compacted gone = compact(1);
    EXPECT_EQ(gone.live_events, 2U);
    EXPECT_EQ(gone.lists, 1U);
    EXPECT_EQ(Log::open_reader(folder.path())->end(), 1U);
    EXPECT_THAT(kept_with("town of ann"), IsEmpty());
    append({event("ann", "i1", 5001)}, 1);
    EXPECT_THAT(users_of(load()), ElementsAre("bob", "ann"));
    std::filesystem::remove_all(folder.path() / "log/tail");
    append({event("cat", "i1", 5002)});
    EXPECT_EQ(list_segments(folder.path(), 4)->front().begin, 4U);
    EXPECT_THAT(users_of(load()), ElementsAre("bob", "ann", "cat")) << "no number is given away twice, also where the tail is lost";
}

TEST_F(Retention, of_a_log_without_a_history_it_makes_one_that_says_where_it_begins) {
    append({event("ann", "i1", 0), event("bob", "i2", 1000)});
    EXPECT_EQ(Log::open_reader(folder.path())->epoch(), "");
    EXPECT_EQ(compact(10).live_events, 1U);
    EXPECT_NE(Log::open_reader(folder.path())->epoch(), "");
    EXPECT_THAT(users_of(load()), ElementsAre("bob"));
    EXPECT_EQ(load().items.ids.find("i1"), 0U);
    EXPECT_THAT(kept_with("town of ann"), IsEmpty());
}

TEST_F(Retention, where_nothing_is_old_nothing_changes) {
    import_rows(row("ann", "i1", 100));
    append({ItemUpsert{upsert_of("i1", "price", 5.0)}, event("ann", "i1", 110)}, 1);
    folder.write("state/a.snapshot", "folded");
    const auto files = log_files();
    EXPECT_EQ(compact(10).live_events, 0U) << "an event of the bound stays";
    EXPECT_EQ(log_files(), files);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "state/a.snapshot"));
    EXPECT_EQ(compact(9).imported_events, 1U);
}

TEST_F(Retention, needs_times) {
    config.events.columns.time = TimeSource();
    import_rows(row("ann", "i1", 0) + row("ann", "i2", 0));
    {
        auto log = Log::open_writer(folder.path()).value();
        EXPECT_EQ(log.compact(1).error().code, ErrorCode::FailedPrecondition);
        EXPECT_THAT(log.holds_older(1).error().message, HasSubstr("data.events.columns.time names no column"));
    }
    options.keep = 1;
    EXPECT_THAT(import_error(), HasSubstr("the events have no times"));
}

TEST_F(Retention, a_given_test_part_is_cut_too) {
    config.test_events = {"test.csv"};
    folder.write("test.csv", "user,item,time,type,value,city\n" + row("ann", "i2", 3) + row("ann", "i2", 1003));
    import_rows(row("ann", "i1", 0) + row("ann", "i1", 1000) + row("ann", "i1", 1001));
    EXPECT_EQ(compact(100).imported_events, 2U);
    EXPECT_EQ(load().given_test_begin, 2U);
    EXPECT_EQ(load().events.size(), 3U);
}

TEST_F(Retention, a_history_that_nothing_left_is_one_that_older_programs_read) {
    import_rows(row("ann", "i1", 0) + row("ann", "i1", 1000));
    const auto manifest = [this] { return folder.read(std::filesystem::path("log") / current_history(folder.path()).value() / "manifest.json"); };
    compact(100);
    EXPECT_THAT(manifest(), HasSubstr("\"format\":1,"));
    append({event("ann", "i1", 1), event("ann", "i1", 2000)});
    compact(100);
    EXPECT_THAT(manifest(), HasSubstr("\"format\":2,"));
    EXPECT_THAT(manifest(), HasSubstr("\"first_sequence\":1,"));
}

TEST_F(Retention, time_travel_to_before_it_finds_nothing) {
    import_rows(row("ann", "i1", 0));
    append({ItemUpsert{upsert_of("i1", "price", 5.0)}, event("ann", "i1", 10), event("ann", "i1", 1000)});
    compact(100);
    Dataset data = load();
    cut_behind(kStart + 500 * kSecondUs, data);
    EXPECT_EQ(data.events.size(), 0U);
    data = load();
    cut_behind(kStart + 1000 * kSecondUs, data);
    EXPECT_EQ(data.events.size(), 1U);
    EXPECT_EQ(data.items.find("price")->numbers[0], 5) << "what was said before it holds";
}

/// ann's records lie before and behind the bound, in history, segments and tail; none of them is where the log is cut.
class RetentionAndForgetting : public Retention {
protected:
    void fill() {
        std::filesystem::remove_all(folder.path() / "log");
        import_rows(row("ann", "i1", 0) + row("bob", "i1", 1) + row("ann", "i2", 950) + row("bob", "i2", 951));
        append(
            {event("ann", "by ann", 10), event("bob", "i1", 11), UserUpsert{upsert_of("ann", "note", std::string("private"))}, event("bob", "i1", 12),
             event("bob", "i1", 960), event("ann", "i1", 961), list_of("ann", kStart + 962 * kSecondUs), event("bob", "i1", 963)},
            2);
        append({event("ann", "i1", 1000), event("bob", "i1", 1001)});
    }
    void forget() { ASSERT_TRUE(Log::open_writer(folder.path())->forget("ann")); }
    [[nodiscard]] std::vector<std::vector<std::string>> texts() {
        const Dataset data = load();
        return {event_texts(data), row_texts(data.items), row_texts(data.users), lists()};
    }
};

TEST_F(RetentionAndForgetting, may_come_in_either_order) {
    fill();
    compact(100);
    forget();
    const auto behind = texts();
    EXPECT_THAT(behind[0], testing::SizeIs(4));
    EXPECT_THAT(kept_with("private"), IsEmpty());
    fill();
    forget();
    compact(100);
    EXPECT_EQ(texts(), behind);
    EXPECT_THAT(kept_with("private"), IsEmpty());
}

TEST_F(RetentionAndForgetting, a_user_of_whom_only_what_was_said_is_left_can_be_forgotten) {
    import_rows(row("bob", "i1", 0));
    append({UserUpsert{upsert_of("cat", "note", std::string("private"))}, event("cat", "i1", 10), event("bob", "i1", 1000)});
    compact(100);
    ASSERT_FALSE(kept_with("private").empty());
    const auto forgotten = Log::open_writer(folder.path())->forget("cat").value();
    EXPECT_EQ(forgotten.updates, 1U);
    EXPECT_EQ(forgotten.live_events, 0U);
    EXPECT_THAT(kept_with("private"), IsEmpty());
    EXPECT_EQ(load().users.ids.find("cat"), kNoRow);
    EXPECT_EQ(Log::open_writer(folder.path())->forget("cat").error().code, ErrorCode::NotFound);
}

TEST_F(Retention, what_was_begun_is_finished_by_the_next_who_writes_wherever_it_stopped) {
    for (int steps = 0; steps <= 5; ++steps) {
        for (const bool by_import : {false, true}) {
            SCOPED_TRACE(std::to_string(steps) + (by_import ? ", import" : ", writer"));
            std::filesystem::remove_all(folder.path() / "log");
            const std::string rows = row("gone-imported", "i1", 0) + row("stays", "i1", 1000);
            import_rows(rows);
            append({event("gone-sealed", "i1", 1), event("gone-sealed", "i1", 2)}, 2);
            append({event("gone-live", "i1", 3), event("stays", "i1", 1001)});
            folder.write("state/a.snapshot", "folded");
            const auto before = event_texts(load());
            {
                // As if the process had died behind so many of the steps.
                auto tail = Tail::open(folder.path(), Tail::Access::Write).value();
                if (steps == 0) folder.write("log/compact.intent", "");
                if (steps >= 1) {
                    ASSERT_TRUE(let_older_go(folder.path(), tail, kStart + 500 * kSecondUs));
                }
                if (steps >= 2) {
                    ASSERT_TRUE(remove_other_histories(folder.path()));
                }
                if (steps >= 3) std::filesystem::remove_all(folder.path() / "state");
                if (steps >= 4) std::filesystem::remove_all(folder.path() / "log/segments/00000000000000000000-00000000000000000002");
                if (steps >= 5) {
                    ASSERT_TRUE(tail.forget_before(3));
                }
            }
            const auto left = event_texts(load());
            EXPECT_EQ(left.size(), steps == 0 ? 6U : 2U);
            EXPECT_THAT(left, testing::IsSubsetOf(before)) << "a reader sees the log of before or of after";
            EXPECT_THAT(kept_with("gone-live"), testing::Not(IsEmpty()));
            options.keep = 500 * kSecondUs;
            if (by_import) {
                import_rows(rows);
            } else {
                ASSERT_TRUE(Log::open_writer(folder.path()));
            }
            options.keep = 0;
            EXPECT_FALSE(std::filesystem::exists(folder.path() / "log/compact.intent"));
            EXPECT_FALSE(std::filesystem::exists(folder.path() / "state"));
            if (steps > 0 || !by_import) {
                EXPECT_EQ(event_texts(load()), left);
            }
            if (steps == 0) continue;
            EXPECT_THAT(kept_with("gone-sealed"), IsEmpty());
            EXPECT_THAT(kept_with("gone-live"), IsEmpty());
            EXPECT_THAT(kept_with("gone-imported"), IsEmpty());
        }
    }
}

TEST_F(Retention, what_was_read_while_another_history_came_in_force_is_read_again) {
    import_rows(row("ann", "i1", 0) + row("bob", "i1", 1000));
    int reads = 0;
    const auto data = read_in_force(folder.path(), [&](const std::string&) -> Result<Dataset> {
        auto imported = load_imported(folder.path());
        if (++reads == 1) compact(100);
        return imported;
    });
    EXPECT_EQ(reads, 2);
    EXPECT_EQ(data->events.size(), 1U);
}

TEST_F(Retention, whoever_reads_meanwhile_sees_the_log_of_before_or_of_after) {
    import_rows(row("ann", "i1", 0));
    std::atomic<bool> done = false;
    std::atomic<int> reads = 0;
    std::thread reader([&] {
        while (!done || reads == 0) {
            const auto data = load_dataset(folder.path());
            ASSERT_TRUE(data) << data.error().message;
            const auto& time = data->events.time;
            for (std::size_t i = 1; i < time.size(); ++i) ASSERT_EQ(time[i], time[i - 1] + kSecondUs) << "an event is missing between others";
            ++reads;
        }
    });
    {
        auto log = Log::open_writer(folder.path()).value();
        for (int second = 1; second < 120; ++second) {
            const std::vector<Event> events{event("ann", "i1", second)};
            ASSERT_TRUE(log.append(std::span<const Event>(events)));
            if (second % 7 == 0) {
                ASSERT_TRUE(log.seal(3));
            }
            if (second % 10 == 0) {
                ASSERT_TRUE(log.compact(4 * kSecondUs));
            }
        }
    }
    done = true;
    reader.join();
    EXPECT_LT(load().events.size(), 20U);
}

}  // namespace
}  // namespace shortlist::data
