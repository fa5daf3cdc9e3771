/// Rows that an import left out, each with its source and the reason. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/cells_internal.h"

namespace shortlist::data {

/// Rows written out; past them they are counted only, so that a file of rubbish does not fill the disk.
inline constexpr std::uint64_t kQuarantineRowsMax = 1'000'000;

/// Collects bad rows and writes them as NDJSON: {"source", "row", "reason", "field", "value"}, rows counted from 0.
class Quarantine {
public:
    void add(const std::string& source, const UnreadableRow& row);
    void add(const std::string& source, const TableBatch& batch, std::size_t row, const RowFaults& faults);

    /// Errors where more than `share` of `rows_read` rows, read since the last call, are bad; names the counts by reason.
    [[nodiscard]] Status check(std::string_view what, std::uint64_t rows_read, double share);
    /// Writes the file, or removes the one of an import before where nothing is bad. Returns its path, or an empty one.
    [[nodiscard]] Result<std::filesystem::path> write(const std::filesystem::path& project_folder) const;

    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& by_reason() const noexcept { return by_reason_; }

private:
    struct Line {
        const std::string& source;
        std::uint64_t row;
        std::string_view reason;
        std::string_view field;
        std::string_view value;
    };
    void add_line(const Line& line);

    std::string text_;
    std::uint64_t rows_ = 0;
    std::uint64_t rows_checked_ = 0;
    std::map<std::string, std::uint64_t> by_reason_;
};

}  // namespace shortlist::data
