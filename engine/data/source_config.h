/// The `data:` section of shortlist.yaml: where events, items and users come from, and what their columns mean.
///
/// Three structs may be written short, as one text in place of a mapping; from_text() reads it, and to_text()
/// gives it where it says everything:
///     time: time_ms              for  time: {column: time_ms}      (`time: none` where there is no time)
///     attributes: {age: number}  for  attributes: {age: {type: number}}
///     watch: watch_ratio         for  watch: {value: watch_ratio}
/// A list of paths may be written as one text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/data/entity_table.h"
#include "engine/data/event.h"

namespace shortlist::data {

/// Gorse and Metarank are what those engines write: one file that holds events, items and users.
enum class FileFormat { Auto, Parquet, Csv, Ndjson, Gorse, Metarank };

/// Which of its tables to read from a file that may hold several.
enum class SourceTable { Events, Items, Users };

enum class TimeUnit { Auto, Seconds, Milliseconds, Microseconds, Nanoseconds };

/// What an order of events can come from.
enum class OrderSource { None, File };

/// `time_ms`, `{column: time_ms, unit: milliseconds}`, `{order: file}` or `none`.
struct TimeSource {
    std::string column;
    OrderSource order = OrderSource::None;
    TimeUnit unit = TimeUnit::Auto;

    /// Reads the short form. Errors: InvalidArgument for an empty text.
    [[nodiscard]] static Result<TimeSource> from_text(std::string_view text);
    [[nodiscard]] std::optional<std::string> to_text() const;
    [[nodiscard]] TimeForm form() const noexcept {
        if (!column.empty()) return TimeForm::Column;
        return order == OrderSource::File ? TimeForm::Order : TimeForm::None;
    }
    template <class Visitor>
    void describe(Visitor& v) {
        v.field("column", column, base::text(0, 256), "Column of numbers, ISO 8601 texts or time stamps; empty where there is none.");
        v.field("order", order, base::one_of<OrderSource>({{"none", OrderSource::None}, {"file", OrderSource::File}}),
                "file: rows stand in the order in which they happened, and nothing more is known of their time.");
        v.field("unit", unit,
                base::one_of<TimeUnit>({{"auto", TimeUnit::Auto},
                                        {"seconds", TimeUnit::Seconds},
                                        {"milliseconds", TimeUnit::Milliseconds},
                                        {"microseconds", TimeUnit::Microseconds},
                                        {"nanoseconds", TimeUnit::Nanoseconds}}),
                "Unit of a column of numbers since 1970; auto tells it by the size of the first.");
    }
};

/// Which column holds what; empty where the files have no such column.
struct EventColumns {
    std::string user;
    std::string item;
    TimeSource time;
    std::string type;
    std::string value;
    std::string event_id;
    std::string request_id;
    std::string position;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("user", user, base::text(1, 256), "Column of the user's id.");
        v.required_field("item", item, base::text(1, 256), "Column of the item's id.");
        v.required_field("time", time, "Column of the time, or {order: file} where only the order is known, or none.");
        v.field("type", type, base::text(0, 256), "Column of the event's type; without one, `type` of the events holds for all.");
        v.field("value", value, base::text(0, 256), "Column of the event's amount: a rating, a share watched.");
        v.field("event_id", event_id, base::text(0, 256), "Column of an id of the event; without one the id is a hash of the mapped columns.");
        v.field("request_id", request_id, base::text(0, 256), "Column of the request that showed the item.");
        v.field("position", position, base::text(0, 256), "Column of the place in the list shown, from 0.");
    }
};

/// A column of a wide table that carries the amount of one type of event.
struct ValueColumn {
    std::string value;
    std::string divided_by;  ///< Empty: the amount as it stands.

    [[nodiscard]] static Result<ValueColumn> from_text(std::string_view text);
    [[nodiscard]] std::optional<std::string> to_text() const;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("value", value, base::text(1, 256), "Column of the amount; a row without it has no such event.");
        v.field("divided_by", divided_by, base::text(0, 256),
                "Column that the amount is divided by; where it is 0 or missing the event has no value.");
    }
};

/// Files of events. Long form: a row is an event. Wide form, where there are flags or values: a row is an impression and
/// what came of it, an event for each true flag and each amount.
struct EventsConfig {
    std::vector<std::string> path;
    FileFormat format = FileFormat::Auto;
    EventColumns columns;
    std::string type = "interaction";
    std::vector<std::string> context;
    std::map<std::string, std::string> flags;
    std::map<std::string, ValueColumn> values;

    [[nodiscard]] bool wide() const noexcept { return !flags.empty() || !values.empty(); }
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("path", path, base::text(1, 4096),
                         "Files: a path from the project's folder, a pattern with * or ?, an s3:// address, or a list.");
        v.field("format", format, file_format_rule(),
                "Form of the files; auto tells it by their names. gorse and metarank are what those engines write: one file for all.");
        v.required_field("columns", columns, "Which column holds what.");
        v.field("type", type, base::text(1, 256), "Type of all events, where no column holds it.");
        v.field("context", context, base::text(1, 256), "Columns kept with each event as categories: surface, device, country.");
        v.field("flags", flags, base::text(1, 256), "Type to column: a row is an impression, and a true value there is an event of this type.");
        v.field("values", values, "Type to column: a row is an impression, and an amount there is the value of an event of this type.");
    }
    [[nodiscard]] static base::OneOf<FileFormat> file_format_rule() {
        return base::one_of<FileFormat>({{"auto", FileFormat::Auto},
                                         {"parquet", FileFormat::Parquet},
                                         {"csv", FileFormat::Csv},
                                         {"ndjson", FileFormat::Ndjson},
                                         {"gorse", FileFormat::Gorse},
                                         {"metarank", FileFormat::Metarank}});
    }
};

/// How one attribute is read; `number`, `category`, ... for short.
struct AttributeConfig {
    AttributeType type = AttributeType::Number;
    std::string column;     ///< Empty: the column is called like the attribute.
    std::string separator;  ///< categories and vector in text: what stands between two; empty: a comma, or a JSON list.

    [[nodiscard]] static Result<AttributeConfig> from_text(std::string_view text);
    [[nodiscard]] std::optional<std::string> to_text() const;
    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("type", type,
                         base::one_of<AttributeType>({{"number", AttributeType::Number},
                                                      {"category", AttributeType::Category},
                                                      {"categories", AttributeType::Categories},
                                                      {"text", AttributeType::Text},
                                                      {"vector", AttributeType::Vector},
                                                      {"time", AttributeType::Time}}),
                         "What the attribute holds.");
        v.field("column", column, base::text(0, 256), "Its column; by default the one called like the attribute.");
        v.field("separator", separator, base::text(0, 8),
                "What stands between the parts of categories or of a vector written as text; a comma by default.");
    }
};

/// Files of items or of users. Without a path, what the events mention is all that is known.
struct EntityConfig {
    std::vector<std::string> path;
    FileFormat format = FileFormat::Auto;
    std::string id = "id";
    std::map<std::string, AttributeConfig> attributes;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("path", path, base::text(1, 4096), "Files: a path from the project's folder, a pattern, an s3:// address, or a list.");
        v.field("format", format, EventsConfig::file_format_rule(),
                "Form of the files; auto tells it by their names. gorse and metarank are what those engines write: one file for all.");
        v.field("id", id, base::text(1, 256), "Column of the id; by default `id`, else the column that the events call it by.");
        v.field("attributes", attributes, "Attribute to type: number, category, categories, text, vector or time.");
    }
};

/// What becomes of an event whose item no file of items holds.
enum class UnknownItems { Keep, Quarantine };

/// The `data:` section.
struct DataConfig {
    EventsConfig events;
    std::vector<std::string> test_events;  ///< More files like those of `events`; theirs are the last events of the log: a given test part.
    EntityConfig items;
    EntityConfig users;
    UnknownItems unknown_items = UnknownItems::Keep;
    double max_bad_rows = 0.01;
    base::Duration max_clock_skew{5 * kMinuteUs};

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("events", events, "What happened: who met which item, when.");
        v.field("test_events", test_events, base::text(1, 4096), "Further files of events that are a given test part, kept behind the others.");
        v.field("items", items, "What can be recommended.");
        v.field("users", users, "Who it is recommended to.");
        v.field("unknown_items", unknown_items, base::one_of<UnknownItems>({{"keep", UnknownItems::Keep}, {"quarantine", UnknownItems::Quarantine}}),
                "What becomes of an event whose item stands in no file of items.");
        v.field("max_bad_rows", max_bad_rows, base::range(0.0, 1.0), "Share of rows that may be bad before an import fails.");
        v.field("max_clock_skew", max_clock_skew, base::range(0, kDayUs), "How far ahead of the clock an event may be.");
    }
};

}  // namespace shortlist::data
