#include "engine/project/mapping_guess.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "engine/base/config_writer.h"
#include "engine/base/text.h"
#include "engine/data/catalogue.h"

namespace shortlist::project {

namespace {

using Names = std::vector<std::string_view>;

// Names that a column of each role goes by, letters and digits only, the surest first.
const Names kUserNames{"userid",   "user",      "uid",        "customerid", "customer", "visitorid", "visitor",
                       "memberid", "accountid", "reviewerid", "viewerid",   "buyerid",  "cookieid",  "sessionid"};
const Names kItemNames{"itemid",    "item",   "iid",    "productid", "product",    "videoid",    "movieid", "trackid", "songid",
                       "articleid", "newsid", "postid", "bookid",    "isbn",       "parentasin", "asin",    "sku",     "contentid",
                       "listingid", "gameid", "appid",  "adid",      "businessid", "locationid", "poiid"};
const Names kTimeNames{"timestamp", "timems",     "timeus",   "time",           "ts",          "eventtime", "datetime",
                       "createdat", "occurredat", "unixtime", "unixreviewtime", "checkintime", "date",      "when"};
const Names kTypeNames{"eventtype",    "event",           "action",    "actiontype", "behavior", "behaviour",
                       "behaviortype", "interactiontype", "eventname", "type",       "kind"};
const Names kValueNames{"rating", "value", "score", "stars", "overall", "amount", "watchratio", "playratio", "weight", "plays", "playcount", "count"};
const Names kPlayedNames{"playtimems", "watchtimems", "playtime", "watchtime", "playedms", "watchedms", "playduration", "watchduration"};
const Names kLengthNames{"durationms", "videodurationms", "duration", "videoduration", "lengthms", "length"};

std::string plain_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        if (base::is_letter(c) || base::is_digit(c)) plain += base::to_lower(c);
    }
    return plain;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool is_impression(std::string_view type) { return contains_any(plain_name(type), {"impression", "expos", "shown", "show"}); }

// What one event of a type is worth, by what people call it.
double weight_of(std::string_view type) {
    const std::string plain = plain_name(type);
    if (contains_any(plain, {"dislike", "hate", "skip", "hide", "block", "report", "unlike", "remove", "unfollow", "refund", "return"})) return -1;
    if (contains_any(plain, {"purchase", "buy", "order", "transaction", "checkout", "subscribe"})) return 5;
    if (contains_any(plain, {"like", "fav", "follow", "share", "forward", "save", "comment", "cart", "love", "wish"})) return 3;
    return 1;
}

class EventsGuesser {
public:
    EventsGuesser(std::span<const ColumnLook> columns, const MappingHints& hints) : columns_(columns), hints_(hints) {}

    Result<EventsGuess> run() {
        SHORTLIST_TRY(take_hints());
        out_.user = choose("user", hints_.user, kUserNames, [](const ColumnLook& c) { return c.present > 0; });
        out_.item = choose("item", hints_.item, kItemNames, [](const ColumnLook& c) { return c.present > 0; });
        if (out_.user.empty()) return unknown("user");
        if (out_.item.empty()) return unknown("item");
        // Behind the ids, which are surer by their names: whole numbers in the range of times may be ids.
        out_.time = choose("time", hints_.time, kTimeNames, [](const ColumnLook& c) { return c.is_time(); });
        out_.type =
            choose("type", hints_.type, kTypeNames, [](const ColumnLook& c) { return c.values.size() <= 50 && !c.many_values && !c.is_flag(); });
        out_.event_id = choose("event_id", hints_.event_id, {"eventid"}, [](const ColumnLook& c) { return c.present > 0; });
        out_.request_id = choose("request_id", "", {"requestid", "reqid", "pageid"}, [](const ColumnLook& c) { return c.present > 0; });
        out_.position = choose("position", "", {"position", "pos", "slot", "rank"}, [](const ColumnLook& c) { return c.is_whole() && c.low >= 0; });
        if (out_.type.empty()) outcomes();
        if (out_.amount.empty()) out_.value = choose("value", hints_.value, kValueNames, [](const ColumnLook& c) { return c.is_number(); });
        context();
        signals();
        return std::move(out_);
    }

private:
    Status take_hints() {
        std::vector<std::string> names;
        for (const auto& column : columns_) names.push_back(column.name);
        for (const auto* hint : {&hints_.user, &hints_.item, &hints_.time, &hints_.type, &hints_.value, &hints_.event_id}) {
            if (!hint->empty() && look(*hint) == nullptr) {
                return base::invalid_argument("there is no column '" + base::printable(*hint) + "'" + base::suggestion(*hint, names));
            }
            taken_.insert(*hint);
        }
        return {};
    }

    [[nodiscard]] const ColumnLook* look(const std::string& name) const {
        const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const ColumnLook& c) { return c.name == name; });
        return found == columns_.end() ? nullptr : &*found;
    }

    Error unknown(const std::string& role) const {
        std::vector<std::string> names;
        for (const auto& column : columns_) names.push_back(column.name);
        return base::invalid_argument("cannot tell which column is the " + role + "'s id; name it with --" + role +
                                      " COLUMN. Columns: " + base::join(names));
    }

    void decide(const std::string& what, const std::string& choice, const std::string& why) { out_.guesses.push_back({what, choice, why}); }

    // The column of a role: as told, else by its name where its values agree and no other role has it.
    template <class Agrees>
    std::string choose(const std::string& role, const std::string& hint, const Names& names, Agrees agrees) {
        if (!hint.empty()) {
            decide(role, hint, "as told");
            return hint;
        }
        for (const auto name : names) {
            for (const auto& column : columns_) {
                if (taken_.contains(column.name) || plain_name(column.name) != name || !agrees(column)) continue;
                taken_.insert(column.name);
                decide(role, column.name, "by its name");
                return column.name;
            }
        }
        return role == "time" ? time_by_values() : "";
    }

    std::string time_by_values() {
        for (const auto& column : columns_) {
            if (taken_.contains(column.name) || !column.is_time()) continue;
            taken_.insert(column.name);
            decide("time", column.name, "its values are times");
            return column.name;
        }
        decide("time", "none", "no column holds times; features and splits by time are not possible");
        return "";
    }

    // A wide table: a row is an impression, its flags and amounts are what came of it.
    void outcomes() {
        for (const auto& column : columns_) {
            if (taken_.contains(column.name) || !column.is_flag()) continue;
            std::string type = column.name;
            for (const std::string_view prefix : {"is_", "has_"}) {
                if (type.starts_with(prefix)) type = type.substr(prefix.size());
            }
            taken_.insert(column.name);
            out_.flags.emplace_back(type, column.name);
            decide("flag " + type, column.name, "its values are 0 and 1");
        }
        const std::string played = named(kPlayedNames);
        const std::string length = named(kLengthNames);
        if (played.empty() || length.empty()) return;
        out_.amount_type = "watch";
        out_.amount = played;
        out_.amount_divided_by = length;
        decide("value watch", played + " / " + length, "by their names: the share that was played");
    }

    std::string named(const Names& names) const {
        for (const auto name : names) {
            for (const auto& column : columns_) {
                if (!taken_.contains(column.name) && plain_name(column.name) == name && column.is_number()) return column.name;
            }
        }
        return "";
    }

    void context() {
        constexpr std::size_t kContextValuesMax = 200;
        for (const auto& column : columns_) {
            const bool category =
                !column.many_values && column.values.size() >= 2 && column.values.size() <= kContextValuesMax && column.numbers == 0;
            if (taken_.contains(column.name) || !category || column.lists > 0 || column.dates > 0) continue;
            out_.context.push_back(column.name);
            decide("context", column.name, std::to_string(column.values.size()) + " categories");
        }
    }

    void signals() {
        if (!out_.type.empty()) {
            typed_signals();
        } else if (!out_.flags.empty() || !out_.amount.empty()) {
            for (const auto& [type, column] : out_.flags) add_signal(type, std::nullopt, look(column)->values.rbegin()->second);
            if (!out_.amount.empty()) add_signal("watch", 0.5, look(out_.amount)->present);
        } else {
            single_signal();
        }
        std::stable_sort(out_.signals.begin(), out_.signals.end(), [&](const auto& a, const auto& b) { return order_[a.name] > order_[b.name]; });
        for (const auto& signal : out_.signals) {
            const std::string bound = signal.at_least ? ", value at least " + base::format_number(*signal.at_least) : "";
            decide("signal " + signal.name, "type " + signal.type + bound + ", weight " + base::format_number(signal.weight),
                   "by what the type is called");
        }
    }

    void typed_signals() {
        constexpr std::size_t kSignalsMax = 20;
        for (const auto& [type, count] : look(out_.type)->values) {
            if (is_impression(type) || out_.signals.size() >= kSignalsMax) continue;
            const bool played = contains_any(plain_name(type), {"watch", "play", "listen"});
            const auto* value = out_.value.empty() ? nullptr : look(out_.value);
            const bool share = value != nullptr && !value->is_whole() && value->low >= 0;
            add_signal(type, played && share ? std::optional(0.5) : std::nullopt, count);
        }
    }

    // Ratings: the upper fifth of the scale is a choice. Anything else: every event is.
    void single_signal() {
        const auto* value = out_.value.empty() ? nullptr : look(out_.value);
        const bool scale = value != nullptr && value->low >= 0 && value->high > 1 && value->high <= 10;
        SignalGuess signal{scale ? "liked" : "interaction", "interaction", std::nullopt, 1};
        if (scale) signal.at_least = 0.8 * value->high;
        out_.signals.push_back(std::move(signal));
    }

    // Positive before negative, then the more frequent: what matters most is what people mostly do.
    void add_signal(const std::string& type, std::optional<double> at_least, std::size_t count) {
        SignalGuess signal{"", type, at_least, weight_of(type)};
        for (const char c : type) signal.name += base::is_name_character(c) ? c : '_';
        if (signal.name.empty() || signal.name.size() > 64 || order_.contains(signal.name)) return;
        order_[signal.name] = signal.weight > 0 ? static_cast<double>(count) : -1.0 / static_cast<double>(count);
        out_.signals.push_back(std::move(signal));
    }

    std::span<const ColumnLook> columns_;
    const MappingHints& hints_;
    std::set<std::string> taken_;
    std::map<std::string, double> order_;
    EventsGuess out_;
};

bool names_a_code(std::string_view name) {
    return name.ends_with("id") || name.ends_with("code") || contains_any(name, {"category", "genre", "author", "creator", "brand", "type"});
}

std::optional<data::AttributeType> attribute_type(const ColumnLook& column) {
    using data::AttributeType;
    constexpr std::size_t kCategoriesMax = 1'000;
    if (column.present == 0) return std::nullopt;
    if (column.vectors) return AttributeType::Vector;
    const std::string name = plain_name(column.name);
    if (column.is_time() && (column.dates > 0 || contains_any(name, {"time", "date", "at"}))) return AttributeType::Time;
    if (column.is_flag()) return AttributeType::Category;
    const bool code = names_a_code(name);
    if (column.is_number() && !code) return AttributeType::Number;
    if (column.lists * 5 > column.present) return AttributeType::Categories;
    const bool words = column.words >= column.present && (column.many_values || column.values.size() * 2 > column.present);
    if (words) return AttributeType::Text;
    return code || (!column.many_values && column.values.size() <= kCategoriesMax) ? AttributeType::Category : AttributeType::Text;
}

const ColumnLook* id_column(std::span<const ColumnLook> columns, const std::string& event_column) {
    for (const std::string& name : {event_column, std::string("id")}) {
        for (const auto& column : columns) {
            if (plain_name(column.name) == plain_name(name)) return &column;
        }
    }
    for (const auto& column : columns) {
        if (plain_name(column.name).ends_with("id") && (column.many_values || column.values.size() == column.present)) return &column;
    }
    return nullptr;
}

}  // namespace

Result<EventsGuess> guess_events(std::span<const ColumnLook> columns, const MappingHints& hints) { return EventsGuesser(columns, hints).run(); }

Result<EntitiesGuess> guess_entities(std::span<const ColumnLook> columns, const std::string& event_column) {
    const ColumnLook* id = id_column(columns, event_column);
    if (id == nullptr) {
        std::vector<std::string> names;
        for (const auto& column : columns) names.push_back(column.name);
        return base::invalid_argument("no column holds the ids that the events call '" + base::printable(event_column) +
                                      "'. Columns: " + base::join(names));
    }
    EntitiesGuess out;
    out.id = id->name;
    out.guesses.push_back({"id", id->name, id->name == event_column ? "as the events call it" : "by its name"});
    for (const auto& column : columns) {
        const auto type = attribute_type(column);
        if (&column == id || !type) continue;
        out.attributes.push_back({column.name, *type});
        out.guesses.push_back({"attribute " + column.name, std::string(data::attribute_type_name(*type)), "by its values"});
    }
    return out;
}

}  // namespace shortlist::project
