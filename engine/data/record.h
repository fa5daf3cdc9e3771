/// What the live tail of the log is made of, in memory and as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/event.h"

namespace shortlist::data {

/// One attribute as it arrives: a number, one or more texts (category, categories, text), a vector, or a time (as int64, microseconds).
using AttributeValue = std::variant<double, std::string, std::vector<std::string>, std::vector<float>, std::int64_t>;

/// A new state of some attributes of one item or user; the others stay. An id that is new gets a row.
struct Upsert {
    std::string id;
    std::vector<std::pair<std::string, AttributeValue>> attributes;
};

struct ItemUpsert : Upsert {};
struct UserUpsert : Upsert {};

/// Shared state moved on to this time by the clock, while no event came whose time would have said so.
struct Tick {
    TimeUs time = 0;
};

/// On disk a record is a version byte, a kind byte (1 event, 2 item, 3 user, 4 tick; more may follow) and its fields.
using Record = std::variant<Event, ItemUpsert, UserUpsert, Tick>;

/// Longest id, type, context name or context value, in bytes.
inline constexpr std::size_t kIdBytesMax = 256;
/// Most context fields of an event; most attributes of an upsert.
inline constexpr std::size_t kContextFieldsMax = 32;
inline constexpr std::size_t kAttributesMax = 256;
/// Longest text attribute in bytes; most parts of one list or vector.
inline constexpr std::size_t kTextBytesMax = 65536;
inline constexpr std::size_t kListLengthMax = 65536;

/// Appends the bytes of `record` to `out`.
void encode_record(const Record& record, std::string& out);

/// Reads what encode_record() wrote; never reads past `bytes`, and allocates no more than they can fill.
/// Errors: DataLoss, for any other bytes, naming a newer version or kind as such.
[[nodiscard]] Result<Record> decode_record(std::string_view bytes);

/// The id of an event: event_id hashed, or a 128-bit hash of all other fields (XXH3); its last byte is 0.
[[nodiscard]] EventId event_id_of(const Event& event);

/// The hash that EventTable::request holds; 0 for the empty text.
[[nodiscard]] std::uint64_t request_hash(std::string_view request_id);

/// Checks an event as it arrives: ids and type of 1 to 256 bytes of UTF-8 without NUL, a finite value or none, a time no later
/// than `latest` and not before 1970, a position of at least 0 or none, limits on context.
/// Errors: InvalidArgument, naming the field, its value and what is allowed.
[[nodiscard]] Status validate_event(const Event& event, TimeUs latest);

/// The same for an upsert: its id, names of attributes, finite numbers, UTF-8, lengths.
[[nodiscard]] Status validate_upsert(const Upsert& upsert);

}  // namespace shortlist::data
