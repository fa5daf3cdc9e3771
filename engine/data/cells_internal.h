/// From columns as they stand in files to typed values, with a fault for each cell that is not what it should be.
/// Private to engine/data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/data/column_batch.h"
#include "engine/data/source_config.h"

namespace shortlist::data {

/// What can be wrong with a row. fault_name() is the reason that reports and quarantine files give.
enum class Fault : std::uint8_t {
    None,
    MissingId,
    IdTooLong,
    InvalidUtf8,
    NulByte,
    NotANumber,
    NotFinite,
    OutOfRange,
    NotATime,
    TimeInTheFuture,
    TimeBefore1970,
    NotTrueOrFalse,
    NotAList,
    WrongVectorLength,
    TextTooLong,
    UnknownItem,
    IdStandsTwice,
    TooManyTypes,
};
[[nodiscard]] std::string_view fault_name(Fault fault);

/// The first fault of each row of a batch, and the column it is in.
struct RowFaults {
    std::vector<Fault> fault;
    std::vector<std::uint16_t> column;

    explicit RowFaults(std::size_t rows) : fault(rows, Fault::None), column(rows, 0) {}
    void flag(std::size_t row, Fault what, std::size_t where) {
        if (fault[row] != Fault::None) return;
        fault[row] = what;
        column[row] = static_cast<std::uint16_t>(where);
    }
    [[nodiscard]] bool good(std::size_t row) const { return fault[row] == Fault::None; }
};

/// A column of a batch, and where it stands among the others.
struct Cells {
    const Column& column;
    std::size_t position;

    [[nodiscard]] bool missing(std::size_t row) const { return !column.valid.empty() && column.valid[row] == 0; }
    [[nodiscard]] std::size_t rows() const { return column.rows(); }
};

/// Texts by code; kNoRow where a cell is missing or empty.
struct CodedTexts {
    std::vector<std::uint32_t> codes;
    StringColumn values;
};

/// Numbers, booleans and texts of any column as texts; a whole number in a column of floats has no fraction.
[[nodiscard]] CodedTexts texts_of(const Cells& cells);
/// The same with the rules for ids: 1 to 256 bytes of UTF-8 without NUL. Where `required`, a missing one is a fault.
[[nodiscard]] CodedTexts ids_of(const Cells& cells, bool required, RowFaults& faults);
/// Numbers; NaN where missing. A NaN or infinity in the file is a fault, unless `nan_is_missing` lets NaN pass.
[[nodiscard]] std::vector<double> numbers_of(const Cells& cells, bool nan_is_missing, RowFaults& faults);
/// 1 for true, 0 for false or missing.
[[nodiscard]] std::vector<std::uint8_t> flags_of(const Cells& cells, RowFaults& faults);
/// Places in a list; kNoPosition where missing.
[[nodiscard]] std::vector<std::int32_t> positions_of(const Cells& cells, RowFaults& faults);
/// Times in microseconds; kNoTime where missing, which is a fault only of events. `unit` Auto is settled by the first number met.
[[nodiscard]] std::vector<TimeUs> times_of(const Cells& cells, TimeUnit& unit, RowFaults& faults);
/// The texts of each row's list: a list column, a JSON list in text, or text cut at `separator` (empty: a comma).
[[nodiscard]] std::vector<std::vector<std::string>> lists_of(const Cells& cells, std::string_view separator, RowFaults& faults);
/// The numbers of each row's list, from the same forms; empty where missing.
[[nodiscard]] std::vector<std::vector<float>> vectors_of(const Cells& cells, std::string_view separator, RowFaults& faults);

/// The cell as text for a quarantine file, cut to 200 bytes.
[[nodiscard]] std::string cell_text(const Column& column, std::size_t row);

/// Fault of an id, None for a good one.
[[nodiscard]] Fault check_id(std::string_view id) noexcept;
/// A decimal number that fills the text, blanks around it aside; past the range of a double 0 or infinite.
[[nodiscard]] std::optional<double> parse_number(std::string_view text) noexcept;
/// `2022-04-25`, `2022-04-25T15:12:21.5Z`, a blank for the T, an offset such as +02:00; without one, UTC.
[[nodiscard]] std::optional<TimeUs> parse_iso_time(std::string_view text) noexcept;

}  // namespace shortlist::data
