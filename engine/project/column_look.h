/// What the first rows of a file tell about each of its columns: the evidence from which `init` guesses a mapping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/column_batch.h"
#include "engine/data/source_config.h"

namespace shortlist::project {

inline constexpr std::size_t kLookRowsMax = 50'000;
inline constexpr std::size_t kLookValuesMax = 2'000;

struct ColumnLook {
    std::string name;
    std::size_t present = 0;   ///< Rows with a value.
    std::map<std::string, std::size_t> values;  ///< Distinct values and how often, the first kLookValuesMax of them.
    bool many_values = false;  ///< More than kLookValuesMax.
    std::size_t numbers = 0;   ///< Values that read as finite numbers ...
    std::size_t whole = 0;     ///< ... and those without a fraction.
    std::size_t dates = 0;     ///< Values that begin like 2022-04-25.
    std::size_t lists = 0;     ///< Values of several parts: lists, also as JSON, and texts parted by |.
    bool vectors = false;      ///< Lists of floats of one length, also as JSON.
    std::size_t words = 0;     ///< Spaces in all values together.
    double low = 0;            ///< Bounds of the numbers.
    double high = 0;

    [[nodiscard]] bool is_number() const noexcept { return present > 0 && numbers == present; }
    [[nodiscard]] bool is_whole() const noexcept { return present > 0 && whole == present; }
    /// Two values, false and true, each of which occurs.
    [[nodiscard]] bool is_flag() const;
    /// Dates, or whole numbers that are plausible times since 1970 in seconds, or in milli-, micro- or nanoseconds.
    [[nodiscard]] bool is_time() const noexcept;
};

/// Looks at the first kLookRowsMax rows of a table.
[[nodiscard]] std::vector<ColumnLook> look_at(const data::ColumnBatch& table);

/// Opens a file (a path, a pattern of which the first file counts, or s3://) and looks at it, or at one of its tables.
/// Errors: as data::open_table; InvalidArgument where there is no row.
[[nodiscard]] Result<std::vector<ColumnLook>> look_at_file(const std::string& path, data::FileFormat format = data::FileFormat::Auto,
                                                           data::SourceTable table = data::SourceTable::Events);

}  // namespace shortlist::project
