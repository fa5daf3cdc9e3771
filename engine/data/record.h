/// What the live tail of the log is made of, in memory and as bytes.
#pragma once

#include <cstdint>
#include <optional>
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

/// What a list is asked for with, in the outside world's ids.
struct ListRequest {
    std::string request_id;  ///< Events that follow from the list name it.
    std::string user;        ///< Empty or unknown: a newcomer.
    std::string surface;     ///< Empty: the project's first.
    std::size_t size = 0;    ///< 0: what the surface says.
    std::vector<std::pair<std::string, std::string>> context;
    std::vector<std::string> exclude;
    std::vector<std::string> candidates;  ///< Empty: the retrievers propose.
};

/// A list as it was served, with all that it was made from: the records before `offset` of `epoch`, read by `bundle` as of `time`. It changes
/// nothing that a later request sees: what somebody was shown is told by impression events.
struct ServedList {
    struct Item {
        std::string id;
        float score = 0;
    };
    ListRequest request;
    TimeUs time = 0;
    std::string bundle;
    std::string epoch;         ///< Name of the history in force; see Log::epoch().
    std::uint64_t offset = 0;
    TimeUs tick = 0;           ///< Of the shared state that it saw; follows from the records, and stands here as a check.
    std::vector<Item> items;   ///< Best first.
    /// The ranker's columns for each item, item by item; absent outside the sample of which they are kept.
    std::optional<std::vector<float>> features;
};

/// Stands where a record of a user stood who was forgotten: the records behind it keep their numbers. It says nothing but that its item is
/// in the catalogue, which bundles know by its row.
struct Removed {
    ItemId item;  ///< Empty where the record was of no item.
};

/// On disk a record is a version byte, a kind byte (1 event, 2 item, 3 user, 4 tick, 5 served list, 6 removed; more may follow) and its fields.
using Record = std::variant<Event, ItemUpsert, UserUpsert, Tick, ServedList, Removed>;

/// What a reader of live records asks for; the others it passes over unread.
enum class RecordClass {
    State,  ///< All that changes what requests see.
    List,   ///< Lists that were served.
};

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

/// The class of the record that these bytes hold, told without reading on; State where they hold none.
[[nodiscard]] RecordClass class_of_record(std::string_view bytes) noexcept;

/// The id of an event: event_id hashed (`event:` and 32 hex digits stand for the hash itself), or a 128-bit hash of all other fields (XXH3); its last
/// byte is 0.
[[nodiscard]] EventId event_id_of(const Event& event);

/// The hash that EventTable::request holds; 0 for the empty text. `request:` and 16 hex digits stand for the hash itself.
[[nodiscard]] std::uint64_t request_hash(std::string_view request_id);

/// Checks an event as it arrives: ids and type of 1 to 256 bytes of UTF-8 without NUL, a finite value or none, a time no later
/// than `latest` and not before 1970, a position of at least 0 or none, limits on context.
/// Errors: InvalidArgument, naming the field, its value and what is allowed.
[[nodiscard]] Status validate_event(const Event& event, TimeUs latest);

/// The same for an upsert: its id, names of attributes, finite numbers, UTF-8, lengths.
[[nodiscard]] Status validate_upsert(const Upsert& upsert);

}  // namespace shortlist::data
