#include "engine/project/column_look.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include "engine/base/config_writer.h"
#include "engine/base/text.h"
#include "engine/data/arrow/reader.h"

namespace shortlist::project {

namespace {

bool begins_like_a_date(std::string_view text) {
    constexpr std::string_view kPattern = "0000-00-00";
    if (text.size() < kPattern.size()) return false;
    for (std::size_t i = 0; i < kPattern.size(); ++i) {
        if (kPattern[i] == '0' ? !base::is_digit(text[i]) : text[i] != kPattern[i]) return false;
    }
    return true;
}

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

bool is_json_list(std::string_view text) { return text.starts_with('[') && text.ends_with(']'); }

// How many numbers a JSON list of nothing else has; 0 where it is no such list.
std::size_t numbers_listed(std::string_view text) {
    if (!is_json_list(text)) return 0;
    std::size_t count = 0;
    for (text = text.substr(1, text.size() - 2); !text.empty(); ++count) {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        const auto end = std::min(text.find(','), text.size());
        if (!number_in(text.substr(0, end))) return 0;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return count;
}

void note(ColumnLook& look, const std::string& text) {
    ++look.present;
    if (look.values.size() < kLookValuesMax || look.values.contains(text)) {
        ++look.values[text];
    } else {
        look.many_values = true;
    }
    look.dates += begins_like_a_date(text) ? 1 : 0;
    look.lists += text.find('|') != std::string::npos || is_json_list(text) ? 1 : 0;
    look.words += static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
    const auto number = number_in(text);
    if (!number) return;
    look.low = look.numbers == 0 ? *number : std::min(look.low, *number);
    look.high = look.numbers == 0 ? *number : std::max(look.high, *number);
    ++look.numbers;
    look.whole += *number == std::floor(*number) ? 1 : 0;
}

// The cells of one column as text.
struct CellText {
    std::size_t row;

    std::string operator()(const std::vector<std::int64_t>& values) const { return std::to_string(values[row]); }
    std::string operator()(const std::vector<double>& values) const { return base::format_number(values[row]); }
    std::string operator()(const std::vector<float>& values) const { return base::format_number(values[row]); }
    std::string operator()(const std::vector<std::uint8_t>& values) const { return values[row] != 0 ? "true" : "false"; }
    std::string operator()(const data::StringColumn& values) const { return std::string(values[row]); }
    std::string operator()(const data::CodedColumn& values) const { return std::string(values.values[values.codes[row]]); }
    std::string operator()(const data::VectorColumn&) const { return ""; }
    std::string operator()(const data::StringListColumn& values) const {
        std::string text;
        for (std::uint64_t i = values.offsets[row]; i < values.offsets[row + 1]; ++i) text += std::string(values.strings[i]) + "|";
        return text;
    }
};

ColumnLook look_at(const data::Column& column, std::size_t rows) {
    ColumnLook look;
    look.name = column.name;
    std::size_t width = 0;
    bool one_width = true;
    for (std::size_t row = 0; row < rows; ++row) {
        if (!column.valid.empty() && column.valid[row] == 0) continue;
        const std::string text = std::visit(CellText{row}, column.values);
        note(look, text);
        if (text.empty()) continue;  // a cell that says nothing
        const std::size_t numbers = numbers_listed(text);
        one_width = one_width && numbers > 1 && (width == 0 || numbers == width);
        width = numbers;
    }
    look.vectors = std::holds_alternative<data::VectorColumn>(column.values) || (one_width && width > 0);
    return look;
}

}  // namespace

bool ColumnLook::is_flag() const {
    if (many_values || values.size() != 2) return false;
    const std::string& first = values.begin()->first;
    const std::string& second = values.rbegin()->first;
    return (first == "0" && second == "1") || (first == "false" && second == "true") || (first == "False" && second == "True");
}

bool ColumnLook::is_time() const noexcept {
    if (present > 0 && dates == present) return true;
    if (!is_whole()) return false;
    for (const double unit : {1.0, 1e3, 1e6, 1e9}) {
        if (low >= 3e8 * unit && high <= 2.2e9 * unit) return true;  // the years 1979 to 2039
    }
    return false;
}

std::vector<ColumnLook> look_at(const data::ColumnBatch& table) {
    std::vector<ColumnLook> looks;
    for (const auto& column : table.columns) looks.push_back(look_at(column, std::min(table.rows, kLookRowsMax)));
    return looks;
}

Result<std::vector<ColumnLook>> look_at_file(const std::string& path, data::FileFormat format, data::SourceTable table) {
    SHORTLIST_ASSIGN(const auto files, data::expand_path(path, "."));
    SHORTLIST_ASSIGN(const auto reader, data::open_table({.path = files.front(), .format = format, .columns = {}, .table = table}));
    SHORTLIST_ASSIGN(const auto batch, reader->next());
    if (!batch || batch->table.rows == 0) return base::invalid_argument("'" + path + "' has no rows to look at");
    return look_at(batch->table);
}

}  // namespace shortlist::project
