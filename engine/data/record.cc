#include "engine/data/record.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/base/text.h"
#include "engine/data/event_hash_internal.h"

namespace shortlist::data {

namespace {

constexpr std::uint8_t kRecordVersion = 1;
enum class Kind : std::uint8_t { Event = 1, Item = 2, User = 3, Tick = 4, List = 5, Removed = 6 };
enum class ValueKind : std::uint8_t { Number = 0, Text = 1, Texts = 2, Vector = 3, Time = 4 };

template <class T>
void put(T value, std::string& out) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));  // little-endian on every machine we build for
    out.append(bytes, sizeof(T));
}

void put_text(std::string_view text, std::string& out) {
    put(static_cast<std::uint32_t>(text.size()), out);
    out += text;
}

void put_value(const AttributeValue& value, std::string& out) {
    put(static_cast<std::uint8_t>(value.index()), out);
    std::visit(
        [&out](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_arithmetic_v<Held>) {
                put(held, out);
            } else if constexpr (std::is_same_v<Held, std::string>) {
                put_text(held, out);
            } else {
                put(static_cast<std::uint32_t>(held.size()), out);
                for (const auto& part : held) {
                    if constexpr (std::is_same_v<Held, std::vector<float>>)
                        put(part, out);
                    else
                        put_text(part, out);
                }
            }
        },
        value);
}

void put_texts(const std::vector<std::string>& texts, std::string& out) {
    put(static_cast<std::uint32_t>(texts.size()), out);
    for (const auto& text : texts) put_text(text, out);
}

void put_pairs(const std::vector<std::pair<std::string, std::string>>& pairs, std::string& out) {
    put(static_cast<std::uint32_t>(pairs.size()), out);
    for (const auto& [name, value] : pairs) {
        put_text(name, out);
        put_text(value, out);
    }
}

void put_event(const Event& event, std::string& out) {
    put_text(event.event_id, out);
    put(event.time, out);
    put_text(event.user, out);
    put_text(event.item, out);
    put_text(event.type, out);
    put(event.value, out);
    put_text(event.request_id, out);
    put(event.position, out);
    put_pairs(event.context, out);
}

void put_upsert(const Upsert& upsert, std::string& out) {
    put_text(upsert.id, out);
    put(static_cast<std::uint32_t>(upsert.attributes.size()), out);
    for (const auto& [name, value] : upsert.attributes) {
        put_text(name, out);
        put_value(value, out);
    }
}

void put_list(const ServedList& list, std::string& out) {
    put_text(list.request.request_id, out);
    put_text(list.request.user, out);
    put_text(list.request.surface, out);
    put(static_cast<std::uint64_t>(list.request.size), out);
    put_pairs(list.request.context, out);
    put_texts(list.request.exclude, out);
    put_texts(list.request.candidates, out);
    put(list.time, out);
    put_text(list.bundle, out);
    put_text(list.epoch, out);
    put(list.offset, out);
    put(list.tick, out);
    put(static_cast<std::uint32_t>(list.items.size()), out);
    for (const auto& item : list.items) {
        put_text(item.id, out);
        put(item.score, out);
    }
    put(static_cast<std::uint8_t>(list.features ? 1 : 0), out);
    if (!list.features) return;
    put(static_cast<std::uint32_t>(list.features->size()), out);
    out.append(reinterpret_cast<const char*>(list.features->data()), list.features->size() * sizeof(float));
}

/// Takes fields off the front of some bytes. Once one does not fit, all further ones are empty and ok() is false.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

    template <class T>
    T take() {
        T value{};
        if (!fits(sizeof(T))) return value;
        std::memcpy(&value, rest_.data(), sizeof(T));
        rest_.remove_prefix(sizeof(T));
        return value;
    }
    std::string take_text() {
        const std::size_t size = take<std::uint32_t>();
        if (!fits(size)) return {};
        std::string text(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return text;
    }
    /// A count of parts of at least `least_bytes` each; one that the bytes left cannot hold is an error.
    std::size_t take_count(std::size_t least_bytes) {
        const std::size_t count = take<std::uint32_t>();
        return count <= rest_.size() / least_bytes ? count : (ok_ = false, 0);
    }
    void fail() noexcept { ok_ = false; }
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    bool fits(std::size_t bytes) noexcept {
        ok_ = ok_ && bytes <= rest_.size();
        return ok_;
    }
    std::string_view rest_;
    bool ok_ = true;
};

std::vector<std::pair<std::string, std::string>> take_pairs(FieldReader& reader) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const std::size_t count = reader.take_count(8);  // two lengths
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        auto name = reader.take_text();
        pairs.emplace_back(std::move(name), reader.take_text());
    }
    return pairs;
}

std::vector<std::string> take_texts(FieldReader& reader) {
    std::vector<std::string> texts(reader.take_count(4));
    for (auto& text : texts) text = reader.take_text();
    return texts;
}

std::vector<float> take_numbers(FieldReader& reader) {
    std::vector<float> numbers(reader.take_count(4));
    for (auto& number : numbers) number = reader.take<float>();
    return numbers;
}

Event take_event(FieldReader& reader) {
    Event event;
    event.event_id = reader.take_text();
    event.time = reader.take<std::int64_t>();
    event.user = reader.take_text();
    event.item = reader.take_text();
    event.type = reader.take_text();
    event.value = reader.take<float>();
    event.request_id = reader.take_text();
    event.position = reader.take<std::int32_t>();
    event.context = take_pairs(reader);
    return event;
}

AttributeValue take_value(FieldReader& reader) {
    switch (static_cast<ValueKind>(reader.take<std::uint8_t>())) {
        case ValueKind::Number: return reader.take<double>();
        case ValueKind::Text: return reader.take_text();
        case ValueKind::Time: return reader.take<std::int64_t>();
        case ValueKind::Texts: return take_texts(reader);
        case ValueKind::Vector: return take_numbers(reader);
    }
    reader.fail();
    return 0.0;
}

void take_upsert(FieldReader& reader, Upsert& upsert) {
    upsert.id = reader.take_text();
    const std::size_t attributes = reader.take_count(9);  // a name's length, a kind, and a value of at least its length
    for (std::size_t i = 0; i < attributes && reader.ok(); ++i) {
        auto name = reader.take_text();
        upsert.attributes.emplace_back(std::move(name), take_value(reader));
    }
}

ServedList take_list(FieldReader& reader) {
    ServedList list;
    list.request.request_id = reader.take_text();
    list.request.user = reader.take_text();
    list.request.surface = reader.take_text();
    list.request.size = reader.take<std::uint64_t>();
    list.request.context = take_pairs(reader);
    list.request.exclude = take_texts(reader);
    list.request.candidates = take_texts(reader);
    list.time = reader.take<std::int64_t>();
    list.bundle = reader.take_text();
    list.epoch = reader.take_text();
    list.offset = reader.take<std::uint64_t>();
    list.tick = reader.take<std::int64_t>();
    list.items.resize(reader.take_count(8));  // a length and a score
    for (auto& item : list.items) {
        item.id = reader.take_text();
        item.score = reader.take<float>();
    }
    const auto has_features = reader.take<std::uint8_t>();
    if (has_features == 1) list.features = take_numbers(reader);
    const bool whole_rows = !list.features || (list.items.empty() ? list.features->empty() : list.features->size() % list.items.size() == 0);
    if (has_features > 1 || !whole_rows) reader.fail();
    return list;
}

Status check_text(std::string_view field, std::string_view text, std::size_t low, std::size_t high) {
    const std::string what = std::string(field) + ": ";
    if (text.size() < low || text.size() > high) {
        return base::invalid_argument(what + "must have " + std::to_string(low) + " to " + std::to_string(high) + " bytes; got " +
                                      std::to_string(text.size()));
    }
    if (text.find('\0') != std::string_view::npos) return base::invalid_argument(what + "must hold no NUL byte; got '" + base::printable(text) + "'");
    if (!base::is_valid_utf8(text)) return base::invalid_argument(what + "must be valid UTF-8; got '" + base::printable(text) + "'");
    return {};
}

struct ValueCheck {
    const std::string& name;

    Status operator()(double number) const {
        return std::isfinite(number) ? Status() : base::invalid_argument(name + ": must be a finite number; got " + std::to_string(number));
    }
    Status operator()(std::int64_t) const { return {}; }
    Status operator()(const std::string& text) const { return check_text(name, text, 0, kTextBytesMax); }
    Status operator()(const std::vector<std::string>& texts) const {
        if (texts.size() > kListLengthMax) return base::invalid_argument(name + ": at most " + std::to_string(kListLengthMax) + " texts are allowed");
        for (const auto& text : texts) SHORTLIST_TRY(check_text(name, text, 0, kIdBytesMax));
        return {};
    }
    Status operator()(const std::vector<float>& numbers) const {
        if (numbers.size() > kListLengthMax)
            return base::invalid_argument(name + ": at most " + std::to_string(kListLengthMax) + " numbers are allowed");
        for (const float number : numbers) SHORTLIST_TRY((*this)(static_cast<double>(number)));
        return {};
    }
};

}  // namespace

void encode_record(const Record& record, std::string& out) {
    put(kRecordVersion, out);
    put(static_cast<std::uint8_t>(record.index() + 1), out);
    if (const auto* event = std::get_if<Event>(&record)) put_event(*event, out);
    if (const auto* removed = std::get_if<Removed>(&record)) put_text(removed->item, out);
    if (const auto* item = std::get_if<ItemUpsert>(&record)) put_upsert(*item, out);
    if (const auto* user = std::get_if<UserUpsert>(&record)) put_upsert(*user, out);
    if (const auto* tick = std::get_if<Tick>(&record)) put(tick->time, out);
    if (const auto* list = std::get_if<ServedList>(&record)) put_list(*list, out);
}

Result<Record> decode_record(std::string_view bytes) {
    FieldReader reader(bytes);
    const auto version = reader.take<std::uint8_t>();
    const auto kind = reader.take<std::uint8_t>();
    if (!reader.ok()) return base::data_loss("a log record has fewer than two bytes");
    if (version != kRecordVersion) {
        return base::data_loss("a log record has version " + std::to_string(version) + "; this program reads version " +
                               std::to_string(kRecordVersion));
    }
    Record record;
    switch (static_cast<Kind>(kind)) {
        case Kind::Event: record = take_event(reader); break;
        case Kind::Removed: record.emplace<Removed>().item = reader.take_text(); break;
        case Kind::Item: take_upsert(reader, record.emplace<ItemUpsert>()); break;
        case Kind::User: take_upsert(reader, record.emplace<UserUpsert>()); break;
        case Kind::Tick: record = Tick{reader.take<TimeUs>()}; break;
        case Kind::List: record = take_list(reader); break;
        default: return base::data_loss("a log record has kind " + std::to_string(kind) + ", which this program does not know");
    }
    if (!reader.ok()) return base::data_loss("a log record ends before its fields do");
    if (!reader.at_end()) return base::data_loss("a log record has bytes behind its fields");
    return record;
}

RecordClass class_of_record(std::string_view bytes) noexcept {
    return bytes.size() > 1 && bytes[1] == static_cast<char>(Kind::List) ? RecordClass::List : RecordClass::State;
}

EventId event_id_of(const Event& event) {
    if (!event.event_id.empty()) return hash_of_given_id(event.event_id);
    EventKey key;
    key.user = text_hash(event.user);
    key.item = text_hash(event.item);
    key.type = text_hash(event.type);
    key.time = static_cast<std::uint64_t>(event.time);
    key.value = value_bits(event.value);
    key.request = request_hash(event.request_id);
    key.position = static_cast<std::uint64_t>(event.position);
    for (const auto& [name, value] : event.context) key.context += context_hash(name, value);
    return hash_of_key(key);
}

Status validate_event(const Event& event, TimeUs latest) {
    SHORTLIST_TRY(check_text("event_id", event.event_id, 0, kIdBytesMax));
    SHORTLIST_TRY(check_text("user", event.user, 1, kIdBytesMax));
    SHORTLIST_TRY(check_text("item", event.item, 1, kIdBytesMax));
    SHORTLIST_TRY(check_text("type", event.type, 1, kIdBytesMax));
    SHORTLIST_TRY(check_text("request_id", event.request_id, 0, kIdBytesMax));
    if (event.time < 0 || event.time > latest) {
        return base::invalid_argument("time: must lie from 1970 to " + base::format_time(latest) + "; got " + std::to_string(event.time) +
                                      " microseconds");  // as a number: what is out of range may be past every calendar
    }
    if (std::isinf(event.value)) return base::invalid_argument("value: must be a finite number; got infinity");
    if (event.position < kNoPosition) return base::invalid_argument("position: must be at least 0; got " + std::to_string(event.position));
    if (event.context.size() > kContextFieldsMax) {
        return base::invalid_argument("context: at most " + std::to_string(kContextFieldsMax) + " fields are allowed; got " +
                                      std::to_string(event.context.size()));
    }
    for (const auto& [name, value] : event.context) {
        SHORTLIST_TRY(check_text("context", name, 1, kIdBytesMax));
        SHORTLIST_TRY(check_text("context." + name, value, 0, kIdBytesMax));
    }
    return {};
}

Status validate_upsert(const Upsert& upsert) {
    SHORTLIST_TRY(check_text("id", upsert.id, 1, kIdBytesMax));
    if (upsert.attributes.size() > kAttributesMax) {
        return base::invalid_argument("attributes: at most " + std::to_string(kAttributesMax) + " are allowed; got " +
                                      std::to_string(upsert.attributes.size()));
    }
    for (const auto& [name, value] : upsert.attributes) {
        SHORTLIST_TRY(check_text("attributes", name, 1, kIdBytesMax));
        SHORTLIST_TRY(std::visit(ValueCheck{name}, value));
    }
    return {};
}

}  // namespace shortlist::data
