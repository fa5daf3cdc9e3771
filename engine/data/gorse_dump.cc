#include <algorithm>
#include <array>
#include <bit>
#include <boost/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/gorse_dump_internal.h"
#include "engine/data/object_fields_internal.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;

constexpr std::int64_t kEndMark = 0;
constexpr std::int64_t kUsers = -1;
constexpr std::int64_t kItems = -2;
constexpr std::int64_t kFeedback = -3;

std::int64_t tag_of(SourceTable table) {
    switch (table) {
        case SourceTable::Users: return kUsers;
        case SourceTable::Items: return kItems;
        case SourceTable::Events: break;
    }
    return kFeedback;
}

/// One field of a protobuf message: `number` for a varint or eight fixed bytes, `bytes` for what has a length.
struct Field {
    enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
    std::uint64_t id = 0;
    Wire wire = Wire::Varint;
    std::uint64_t number = 0;
    std::string_view bytes;

    [[nodiscard]] bool is(std::uint64_t wanted, Wire form) const noexcept { return id == wanted && wire == form; }
    [[nodiscard]] json::string_view text() const noexcept { return {bytes.data(), bytes.size()}; }
};

/// The fields of a message, front to back; stops at the first that is none.
class Fields {
public:
    explicit Fields(std::string_view message) : left_(message) {}

    [[nodiscard]] bool next(Field& field) {
        if (left_.empty() || !ok_) return false;
        const std::uint64_t key = take_varint();
        field = {key >> 3U, static_cast<Field::Wire>(key & 7U), 0, {}};
        switch (field.wire) {
            case Field::Wire::Varint: field.number = take_varint(); break;
            case Field::Wire::Fixed64: field.number = take_fixed(8); break;
            case Field::Wire::Fixed32: field.number = take_fixed(4); break;
            case Field::Wire::Bytes: field.bytes = take_bytes(take_varint()); break;
            default: ok_ = false;
        }
        ok_ = ok_ && field.id != 0;
        return ok_;
    }
    [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
    std::uint64_t take_varint() {
        constexpr unsigned kBits = 64;
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < kBits && !left_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 127U) << shift;
            if (byte < 128) return value;
        }
        ok_ = false;
        return 0;
    }
    std::uint64_t take_fixed(std::size_t size) {
        std::uint64_t value = 0;
        const auto bytes = take_bytes(size);
        for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
        return value;
    }
    std::string_view take_bytes(std::uint64_t size) {
        ok_ = ok_ && size <= left_.size();
        if (!ok_) return {};
        const auto bytes = left_.substr(0, size);
        left_.remove_prefix(size);
        return bytes;
    }

    std::string_view left_;
    bool ok_ = true;
};

/// A google.protobuf.Timestamp as text; empty for Go's zero time, the first second of the year 1. What no calendar of four digits holds is
/// given as it stands, which is no time.
Result<std::string> time_text(std::string_view message) {
    constexpr std::int64_t kZeroTime = -62'135'596'800;
    constexpr std::int64_t kLastSecond = 253'402'300'799;
    std::int64_t seconds = 0;
    std::int64_t nanos = 0;
    Field field;
    Fields fields(message);
    while (fields.next(field)) {
        if (field.is(1, Field::Wire::Varint)) seconds = static_cast<std::int64_t>(field.number);
        if (field.is(2, Field::Wire::Varint)) nanos = static_cast<std::int64_t>(field.number);
    }
    constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
    if (!fields.ok() || nanos < 0 || nanos >= kNanosPerSecond) return base::invalid_argument("not a time stamp");
    if (seconds == kZeroTime) return std::string();
    if (seconds < kZeroTime || seconds > kLastSecond) return std::to_string(seconds) + " s";
    return base::format_time(seconds * kSecondUs + nanos / 1000);
}

Status put_time(std::string_view message, json::object& row) {
    SHORTLIST_ASSIGN(const auto text, time_text(message));
    if (!text.empty()) row["timestamp"] = text;
    return {};
}

Status put_labels(std::string_view text, const std::vector<std::string>& columns, json::object& row) {
    boost::system::error_code code;
    json::parse_options options;
    options.max_depth = 32;
    const auto labels = json::parse({text.data(), text.size()}, code, {}, options);
    if (code) return base::invalid_argument("labels are not JSON");
    if (!labels.is_object()) return put_field("labels", labels, row), Status();
    for (const auto& [name, value] : labels.get_object()) put_field(free_name(name, "label_", columns), value, row);
    return {};
}

Result<json::object> decode_user(Fields& fields, const std::vector<std::string>& columns) {
    json::object row;
    Field field;
    while (fields.next(field)) {
        if (field.is(1, Field::Wire::Bytes)) row["user_id"] = field.text();
        if (field.is(2, Field::Wire::Bytes)) SHORTLIST_TRY(put_labels(field.bytes, columns, row));
        if (field.is(3, Field::Wire::Bytes)) row["comment"] = field.text();
    }
    return row;
}

Result<json::object> decode_item(Fields& fields, const std::vector<std::string>& columns) {
    json::object row;
    bool hidden = false;
    json::array categories;
    Field field;
    while (fields.next(field)) {
        if (field.is(2, Field::Wire::Bytes)) row["item_id"] = field.text();
        if (field.is(3, Field::Wire::Varint)) hidden = field.number != 0;
        if (field.is(4, Field::Wire::Bytes)) categories.emplace_back(field.text());
        if (field.is(5, Field::Wire::Bytes)) SHORTLIST_TRY(put_time(field.bytes, row));
        if (field.is(6, Field::Wire::Bytes)) SHORTLIST_TRY(put_labels(field.bytes, columns, row));
        if (field.is(7, Field::Wire::Bytes)) row["comment"] = field.text();
    }
    row["is_hidden"] = hidden;
    if (!categories.empty()) row["categories"] = std::move(categories);
    return row;
}

// Where the message has it.
void put_text(json::string_view name, std::string_view text, json::object& row) {
    if (text.data() != nullptr) row[name] = json::string_view(text.data(), text.size());
}

Result<json::object> decode_feedback(Fields& fields) {
    std::array<std::string_view, 8> texts;  // by number of their field
    bool fifth_is_time = false;             // and not a value
    std::optional<double> value;
    Field field;
    while (fields.next(field)) {
        if (field.is(5, Field::Wire::Fixed64)) value = std::bit_cast<double>(field.number);
        if (field.wire != Field::Wire::Bytes || field.id >= texts.size()) continue;
        texts[field.id] = field.bytes;
        fifth_is_time = fifth_is_time || field.id == 5;
    }
    json::object row;
    put_text("feedback_type", texts[2], row);
    put_text("user_id", texts[3], row);
    put_text("item_id", texts[4], row);
    if (value) row["value"] = *value;
    const std::string_view time = texts[fifth_is_time ? 5 : 6];
    if (fifth_is_time || !time.empty()) SHORTLIST_TRY(put_time(time, row));
    if (const auto comment = texts[fifth_is_time ? 6 : 7]; !comment.empty()) put_text("comment", comment, row);
    return row;
}

}  // namespace

GorseDump::GorseDump(std::string name, Source source, SourceTable table)
    : name_(std::move(name)), source_(std::move(source)), wanted_(tag_of(table)) {}

Error GorseDump::cut_off(const std::string& what) const {
    return base::data_loss(name_ + ": the dump is cut off at byte " + std::to_string(at_) + ": " + what);
}

Result<std::int64_t> GorseDump::take_number() {
    char bytes[sizeof(std::int64_t)] = {};
    SHORTLIST_ASSIGN(const auto taken, source_(bytes, sizeof bytes));
    if (taken < sizeof bytes) return cut_off("it has no end mark");
    at_ += taken;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof bytes; ++i) number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return static_cast<std::int64_t>(number);
}

Status GorseDump::take_message(std::int64_t length) {
    // Grows by what is there, not by what the length says.
    constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
    const auto size = static_cast<std::size_t>(length);
    message_.clear();
    while (message_.size() < size) {
        const std::size_t before = message_.size();
        const std::size_t piece = std::min(kPieceBytes, size - before);
        message_.resize(before + piece);
        SHORTLIST_ASSIGN(const auto taken, source_(message_.data() + before, piece));
        at_ += taken;
        if (taken < piece) return cut_off("a message of " + std::to_string(size) + " bytes has " + std::to_string(before + taken) + " of them");
    }
    return {};
}

Result<std::optional<std::string_view>> GorseDump::next() {
    while (!ended_) {
        const std::uint64_t at = at_;
        SHORTLIST_ASSIGN(const auto number, take_number());
        const auto wrong = [&](const std::string& what) {
            return base::invalid_argument(name_ + ": not a Gorse dump: at byte " + std::to_string(at) + " " + what);
        };
        if (number == kEndMark) {
            ended_ = true;
        } else if (number < 0) {
            if (number < kFeedback) return wrong("stands the tag " + std::to_string(number) + "; a dump has -1, -2 and -3");
            section_ = number;
        } else if (section_ == 0) {
            return wrong("a message of " + std::to_string(number) + " bytes stands before the first tag");
        } else if (static_cast<std::uint64_t>(number) > kGorseMessageBytesMax) {
            return wrong("a message says that it has " + std::to_string(number) + " bytes; at most " + std::to_string(kGorseMessageBytesMax) +
                         " are read");
        } else {
            SHORTLIST_TRY(take_message(number));
            if (section_ == wanted_) return std::optional(std::string_view(message_));
        }
    }
    return std::optional<std::string_view>();
}

std::vector<std::string> gorse_columns(SourceTable table) {
    switch (table) {
        case SourceTable::Users: return {"user_id", "comment"};
        case SourceTable::Items: return {"item_id", "is_hidden", "categories", "timestamp", "comment"};
        case SourceTable::Events: break;
    }
    return {"feedback_type", "user_id", "item_id", "value", "timestamp", "comment"};
}

Result<json::object> decode_gorse_message(SourceTable table, std::string_view message) {
    const auto columns = gorse_columns(table);
    Fields fields(message);
    auto row = [&]() -> Result<json::object> {
        switch (table) {
            case SourceTable::Users: return decode_user(fields, columns);
            case SourceTable::Items: return decode_item(fields, columns);
            case SourceTable::Events: break;
        }
        return decode_feedback(fields);
    }();
    if (!fields.ok()) return base::invalid_argument("not a message of this section");
    return row;
}

}  // namespace shortlist::data
