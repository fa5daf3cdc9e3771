/// The binary dump that a Gorse server writes (GET /api/dump of its master): users, items and feedback in one stream.
///
///     dump     (section*) 0, and whatever the server's answer holds behind it, which is not read
///     section  a tag, -1 users, -2 items or -3 feedback, then its messages
///     message  its length in bytes, above 0, then a protobuf message
/// Tags and lengths are int64, little-endian. A section may come again. Fields by number, those not named here are left out:
///     User      1 user_id, 2 labels (JSON), 3 comment
///     Item      2 item_id, 3 is_hidden, 4 categories (repeated), 5 timestamp {1 seconds, 2 nanos}, 6 labels (JSON), 7 comment
///     Feedback  2 feedback_type, 3 user_id, 4 item_id, then 5 timestamp, 6 comment; or, where feedback has a value, 5 value (a double),
///               6 timestamp, 7 comment
/// The first form of Feedback is that of Gorse at commit 002c348017ad (protocol/protocol.pb.go), whose dump (master/rest.go) is of this
/// layout. A generated reader knows one form; this one tells them apart by whether field 5 is a message, which a dump always writes in the
/// first form, and never in the second. Private to engine/data.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/source_config.h"

namespace shortlist::data {

/// Longest message: a length past it is none.
inline constexpr std::size_t kGorseMessageBytesMax = std::size_t{64} << 20;

/// The messages of one table of a dump, front to back. One thread.
class GorseDump {
public:
    /// Fills `into`; returns how many bytes it filled, fewer only at the end of the stream.
    using Source = std::function<Result<std::size_t>(char* into, std::size_t bytes)>;
    /// `name` is for messages.
    GorseDump(std::string name, Source source, SourceTable table);

    /// The bytes of the next message, until the next call; nothing at the end mark.
    /// Errors: DataLoss (the stream ends before the end mark does), InvalidArgument (a tag or a length that no dump has).
    [[nodiscard]] Result<std::optional<std::string_view>> next();

private:
    [[nodiscard]] Result<std::int64_t> take_number();
    [[nodiscard]] Status take_message(std::int64_t length);
    [[nodiscard]] Error cut_off(const std::string& what) const;

    std::string name_;
    Source source_;
    std::int64_t wanted_;
    std::int64_t section_ = 0;
    bool ended_ = false;
    std::uint64_t at_ = 0;  ///< Bytes taken.
    std::string message_;
};

/// Columns that a row of the table may have beside the labels' own.
[[nodiscard]] std::vector<std::string> gorse_columns(SourceTable table);

/// The row that a message stands for. The members of its labels become columns, with `label_` before a name that is taken; labels that are
/// no object become the column `labels`; what is nested deeper is left out. A time is ISO 8601; Go's zero time is none.
/// Errors: InvalidArgument: not such a message, or its labels are not JSON.
[[nodiscard]] Result<boost::json::object> decode_gorse_message(SourceTable table, std::string_view message);

}  // namespace shortlist::data
