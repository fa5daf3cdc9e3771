/// Rows that come as JSON objects: the lines of a file, or what the messages and events of another engine stand for.
/// Private to engine/data/arrow.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/arrow/reader.h"

namespace shortlist::data {

/// One row. Where it could not be read, `object` is null and `reason` and `text` are those of an UnreadableRow.
struct ObjectRow {
    std::uint64_t row = 0;                        ///< 0-based in the file; the rows that one line stands for share its number.
    const boost::json::object* object = nullptr;  ///< Until the next row is asked for.
    std::size_t bytes = 0;                        ///< It took of the file.
    std::string reason;
    std::string text;
};

/// The rows of one table of a file, front to back, by one thread.
class ObjectRows {
public:
    virtual ~ObjectRows() = default;
    /// Nothing at the end. Errors: InvalidArgument, DataLoss, Unavailable: the file cannot be read on.
    [[nodiscard]] virtual Result<std::optional<ObjectRow>> next() = 0;
    [[nodiscard]] virtual double progress() const = 0;
    /// Columns that every file of this kind has, whether a row fills them or not.
    [[nodiscard]] virtual std::vector<std::string> fixed_columns() const { return {}; }
};

/// One object a line.
[[nodiscard]] Result<std::unique_ptr<ObjectRows>> open_json_lines(const std::string& path);
/// A table of a Gorse server's binary dump (engine/data/gorse_dump_internal.h).
[[nodiscard]] Result<std::unique_ptr<ObjectRows>> open_gorse_rows(const std::string& path, SourceTable table);
/// A table of a file of Metarank's events (engine/data/metarank_events_internal.h).
[[nodiscard]] Result<std::unique_ptr<ObjectRows>> open_metarank_rows(const std::string& path, SourceTable table);

}  // namespace shortlist::data
