#include "engine/data/ndjson_writer.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/base/text.h"
#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

constexpr TimeUs kFirstTime = -62'167'219'200 * kSecondUs;  // 0000-01-01
constexpr TimeUs kLastTime = 253'402'300'800 * kSecondUs;   // 10000-01-01

std::string json_text(std::string_view text) { return boost::json::serialize(boost::json::string_view(text.data(), text.size())); }

template <class Number>
std::string digits_of(Number number) {
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

/// The shortest decimal that a reader of doubles rounds to the same float.
std::string digits_of(float number) {
    const std::string text = digits_of<float>(number);
    double read = 0;
    std::from_chars(text.data(), text.data() + text.size(), read);
    return static_cast<float>(read) == number ? text : digits_of<double>(static_cast<double>(number));
}

/// A cell as JSON.
struct CellJson {
    std::size_t row;
    bool time_us;

    std::string operator()(const std::vector<std::int64_t>& values) const {
        return time_us ? '"' + base::format_time(values[row]) + '"' : digits_of(values[row]);
    }
    std::string operator()(const std::vector<double>& values) const { return digits_of(values[row]); }
    std::string operator()(const std::vector<float>& values) const { return digits_of(values[row]); }
    std::string operator()(const std::vector<std::uint8_t>& values) const { return values[row] != 0 ? "true" : "false"; }
    std::string operator()(const StringColumn& values) const { return json_text(values[row]); }
    std::string operator()(const CodedColumn& values) const { return json_text(values.values[values.codes[row]]); }
    std::string operator()(const VectorColumn& values) const {
        std::string list;
        for (std::size_t i = 0; i < values.width; ++i) list += (i == 0 ? "" : ",") + digits_of(values.values[row * values.width + i]);
        return '[' + list + ']';
    }
    std::string operator()(const StringListColumn& values) const {
        std::string list;
        for (auto i = values.offsets[row]; i < values.offsets[row + 1]; ++i) list += (list.empty() ? "" : ",") + json_text(values.strings[i]);
        return '[' + list + ']';
    }
};

bool is_missing(const Column& column, std::size_t row) { return !column.valid.empty() && column.valid[row] == 0; }

Status check_times(const std::filesystem::path& path, const Column& column) {
    const auto* times = std::get_if<std::vector<std::int64_t>>(&column.values);
    if (!column.time_us || times == nullptr) return {};
    for (std::size_t row = 0; row < times->size(); ++row) {
        if (is_missing(column, row) || ((*times)[row] >= kFirstTime && (*times)[row] < kLastTime)) continue;
        return base::invalid_argument(path.string() + ": column '" + base::printable(column.name) + "' has a time outside the years 0 to 9999, " +
                                      std::to_string((*times)[row]) + " us since 1970; Parquet can hold it");
    }
    return {};
}

}  // namespace

Status write_ndjson(const std::filesystem::path& path, const ColumnBatch& batch) {
    std::vector<std::string> keys;
    for (const auto& column : batch.columns) {
        SHORTLIST_TRY(check_times(path, column));
        keys.push_back((keys.empty() ? "{" : ",") + json_text(column.name) + ":");
    }
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    for (std::size_t row = 0; row < batch.rows; ++row) {
        for (std::size_t c = 0; c < keys.size(); ++c) {
            const Column& column = batch.columns[c];
            out << keys[c] << (is_missing(column, row) ? "null" : std::visit(CellJson{row, column.time_us}, column.values));
        }
        out << "}\n";
    }
    out.close();
    if (!out) return base::unavailable("cannot write '" + path.string() + "'");
    return sync_path(path);
}

}  // namespace shortlist::data
