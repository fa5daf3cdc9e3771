#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/cells_internal.h"
#include "engine/data/dictionary.h"
#include "engine/data/record.h"

namespace shortlist::data {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// 9999-12-31: what lies behind it is no time of an event, whatever its unit.
constexpr double kLastTimeUs = 253'402'300'800e6;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// A number as text: whole ones without a fraction, so that an id read as 12.0 is the id 12.
template <class T>
std::string_view number_text(T number, std::array<char, 40>& digits) {
    char* const begin = digits.data();
    char* const limit = begin + digits.size();
    if constexpr (std::is_floating_point_v<T>) {
        if (std::abs(static_cast<double>(number)) < 9e15 && number == std::trunc(number)) {
            return {begin, static_cast<std::size_t>(std::to_chars(begin, limit, static_cast<std::int64_t>(number)).ptr - begin)};
        }
    }
    return {begin, static_cast<std::size_t>(std::to_chars(begin, limit, number).ptr - begin)};
}

/// Gives equal numbers one code.
template <class T>
CodedTexts code_numbers(const std::vector<T>& numbers, const Cells& cells) {
    CodedTexts coded;
    coded.codes.reserve(numbers.size());
    std::unordered_map<T, std::uint32_t> codes;
    std::array<char, 40> digits{};
    for (std::size_t row = 0; row < numbers.size(); ++row) {
        bool missing = cells.missing(row);
        if constexpr (std::is_floating_point_v<T>) missing = missing || std::isnan(numbers[row]);
        if (missing) {
            coded.codes.push_back(kNoRow);
            continue;
        }
        const auto [place, is_new] = codes.try_emplace(numbers[row], static_cast<std::uint32_t>(coded.values.size()));
        if (is_new) coded.values.push_back(number_text(numbers[row], digits));
        coded.codes.push_back(place->second);
    }
    return coded;
}

CodedTexts code_texts(const StringColumn& texts, const Cells& cells) {
    CodedTexts coded;
    coded.codes.reserve(texts.size());
    Dictionary dictionary;
    for (std::size_t row = 0; row < texts.size(); ++row) {
        const auto text = texts[row];
        coded.codes.push_back(text.empty() || cells.missing(row) ? kNoRow : dictionary.add(text));
    }
    for (std::uint32_t code = 0; code < dictionary.size(); ++code) coded.values.push_back(dictionary[code]);
    return coded;
}

CodedTexts code_coded(const CodedColumn& column, const Cells& cells) {
    CodedTexts coded{column.codes, column.values};
    for (std::size_t row = 0; row < coded.codes.size(); ++row) {
        if (cells.missing(row) || column.values[column.codes[row]].empty()) coded.codes[row] = kNoRow;
    }
    return coded;
}

/// Calls `take(row, text)` for each cell that is there, in a column of texts. False for other columns.
template <class Take>
bool for_each_text(const Cells& cells, Take take) {
    if (const auto* plain = std::get_if<StringColumn>(&cells.column.values)) {
        for (std::size_t row = 0; row < plain->size(); ++row) {
            if (!cells.missing(row) && !(*plain)[row].empty()) take(row, (*plain)[row]);
        }
        return true;
    }
    if (const auto* coded = std::get_if<CodedColumn>(&cells.column.values)) {
        for (std::size_t row = 0; row < coded->codes.size(); ++row) {
            const auto text = coded->values[coded->codes[row]];
            if (!cells.missing(row) && !text.empty()) take(row, text);
        }
        return true;
    }
    return false;
}

/// Calls `take(row, number)` for each cell that is there, in a column of numbers or booleans. False for other columns.
template <class Take>
bool for_each_number(const Cells& cells, Take take) {
    return std::visit(
        [&](const auto& values) {
            if constexpr (requires { static_cast<double>(values.front()); }) {
                for (std::size_t row = 0; row < values.size(); ++row) {
                    if (!cells.missing(row)) take(row, values[row]);
                }
                return true;
            } else {
                return false;
            }
        },
        cells.column.values);
}

void flag_all(const Cells& cells, Fault fault, RowFaults& faults) {
    for (std::size_t row = 0; row < faults.fault.size(); ++row) {
        if (!cells.missing(row)) faults.flag(row, fault, cells.position);
    }
}

TimeUnit unit_by_size(double number) {
    const double size = std::abs(number);
    if (size < 1e11) return TimeUnit::Seconds;
    if (size < 1e14) return TimeUnit::Milliseconds;
    return size < 1e17 ? TimeUnit::Microseconds : TimeUnit::Nanoseconds;
}

double microseconds_in(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::Seconds: return 1e6;
        case TimeUnit::Milliseconds: return 1e3;
        case TimeUnit::Nanoseconds: return 1e-3;
        default: return 1;
    }
}

/// Turns numbers into times by one unit, which the first of them settles where it is not given.
class TimeReader {
public:
    TimeReader(TimeUnit& unit, std::vector<TimeUs>& times, const Cells& cells, RowFaults& faults)
        : unit_(unit), times_(times), cells_(cells), faults_(faults) {}

    void take(std::size_t row, std::int64_t number) {
        settle(static_cast<double>(number));
        if (std::abs(static_cast<double>(number)) * factor_ > kLastTimeUs) return faults_.flag(row, Fault::OutOfRange, cells_.position);
        times_[row] = factor_ >= 1 ? number * static_cast<TimeUs>(factor_) : number / 1000;
    }
    void take(std::size_t row, double number) {
        if (!std::isfinite(number)) return faults_.flag(row, Fault::NotFinite, cells_.position);
        settle(number);
        if (std::abs(number) * factor_ > kLastTimeUs) return faults_.flag(row, Fault::OutOfRange, cells_.position);
        times_[row] = static_cast<TimeUs>(std::llround(number * factor_));
    }
    void take(std::size_t row, std::string_view text) {
        text = trimmed(text);
        std::int64_t whole = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), whole);
        if (code == std::errc() && end == text.data() + text.size()) return take(row, whole);
        if (const auto time = parse_iso_time(text)) {
            times_[row] = *time;
        } else if (const auto number = parse_number(text)) {
            take(row, *number);
        } else {
            faults_.flag(row, Fault::NotATime, cells_.position);
        }
    }

private:
    void settle(double number) {
        if (factor_ != 0) return;
        if (unit_ == TimeUnit::Auto) unit_ = unit_by_size(number);
        factor_ = microseconds_in(unit_);
    }

    TimeUnit& unit_;
    std::vector<TimeUs>& times_;
    const Cells& cells_;
    RowFaults& faults_;
    double factor_ = 0;
};

/// `value` of `digits` decimal digits at the front of `text`, which it takes off.
bool take_digits(std::string_view& text, std::size_t digits, int& value) {
    if (text.size() < digits) return false;
    const auto [end, code] = std::from_chars(text.data(), text.data() + digits, value);
    if (code != std::errc() || end != text.data() + digits || text.front() == '-') return false;
    text.remove_prefix(digits);
    return true;
}

bool take_char(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

/// Microseconds of `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
std::optional<TimeUs> take_clock(std::string_view& text) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!take_digits(text, 2, hour) || !take_char(text, ':') || !take_digits(text, 2, minute)) return std::nullopt;
    if (take_char(text, ':') && !take_digits(text, 2, second)) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
    TimeUs time = hour * kHourUs + minute * kMinuteUs + second * kSecondUs;
    if (!take_char(text, '.')) return time;
    TimeUs unit = kSecondUs / 10;
    std::size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10, ++digits)
        time += (text.front() - '0') * unit;
    return digits > 0 ? std::optional(time) : std::nullopt;
}

/// Microseconds east of UTC: nothing, `Z`, `+HH:MM`, `+HHMM` or `+HH`.
std::optional<TimeUs> take_zone(std::string_view& text) {
    if (text.empty() || take_char(text, 'Z') || take_char(text, 'z')) return 0;
    const bool west = text.front() == '-';
    if (!west && text.front() != '+') return std::nullopt;
    text.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!take_digits(text, 2, hours)) return std::nullopt;
    take_char(text, ':');
    if (!text.empty() && !take_digits(text, 2, minutes)) return std::nullopt;
    const TimeUs offset = hours * kHourUs + minutes * kMinuteUs;
    return hours <= 14 && minutes <= 59 ? std::optional(west ? -offset : offset) : std::nullopt;
}

/// The texts of a JSON list of nothing else, empty ones left out; nothing for any other text.
std::optional<std::vector<std::string>> json_texts(std::string_view text) {
    boost::system::error_code code;
    const auto list = boost::json::parse({text.data(), text.size()}, code);
    if (code || !list.is_array()) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& part : list.get_array()) {
        if (!part.is_string()) return std::nullopt;
        if (!part.get_string().empty()) texts.emplace_back(std::string_view(part.get_string()));
    }
    return texts;
}

std::string_view unquoted(std::string_view text) {
    const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
    return quoted ? text.substr(1, text.size() - 2) : text;
}

std::vector<std::string> cut_at(std::string_view cut, std::string_view text, bool quoted) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(cut);
        auto part = trimmed(text.substr(0, end));
        if (quoted) part = unquoted(part);
        if (!part.empty()) parts.emplace_back(part);
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + cut.size());
    }
}

/// The parts of a list written as text: a JSON list of plain values, or parts between separators. Nothing for a list without its end.
std::optional<std::vector<std::string>> split_list(std::string_view text, std::string_view separator) {
    text = trimmed(text);
    if (!text.starts_with('[')) return cut_at(separator.empty() ? "," : separator, text, /*quoted=*/false);
    // Texts may hold commas and quotes; what is not quite JSON, as Python prints lists, is cut at its commas.
    if (text.find('"') != std::string_view::npos) {
        if (auto texts = json_texts(text)) return texts;
    }
    if (!text.ends_with(']')) return std::nullopt;
    return cut_at(",", text.substr(1, text.size() - 2), /*quoted=*/true);
}

std::optional<std::vector<float>> floats_from(const std::vector<std::string>& parts) {
    std::vector<float> numbers;
    for (const auto& part : parts) {
        const auto number = parse_number(part);
        if (!number || !(std::abs(*number) <= std::numeric_limits<float>::max())) return std::nullopt;
        numbers.push_back(static_cast<float>(*number));
    }
    return numbers;
}

/// The parts of lists that are written as text.
void split_lists(const Cells& cells, std::string_view separator, std::vector<std::vector<std::string>>& lists, RowFaults& faults) {
    const auto texts = texts_of(cells);
    for (std::size_t row = 0; row < lists.size(); ++row) {
        if (texts.codes[row] == kNoRow) continue;
        auto parts = split_list(texts.values[texts.codes[row]], separator);
        if (parts)
            lists[row] = std::move(*parts);
        else
            faults.flag(row, Fault::NotAList, cells.position);
    }
}

/// Holds the parts of lists to the rules for ids.
void check_lists(const std::vector<std::vector<std::string>>& lists, std::size_t position, RowFaults& faults) {
    for (std::size_t row = 0; row < lists.size(); ++row) {
        if (lists[row].size() > kListLengthMax) faults.flag(row, Fault::OutOfRange, position);
        for (const auto& part : lists[row]) {
            if (const Fault fault = check_id(part); fault != Fault::None) faults.flag(row, fault, position);
        }
    }
}

std::vector<std::vector<float>> whole_vectors(const VectorColumn& column, const Cells& cells, RowFaults& faults) {
    std::vector<std::vector<float>> vectors(cells.rows());
    for (std::size_t row = 0; row < vectors.size(); ++row) {
        if (cells.missing(row)) continue;
        const auto begin = column.values.begin() + static_cast<std::ptrdiff_t>(row * column.width);
        vectors[row].assign(begin, begin + static_cast<std::ptrdiff_t>(column.width));
        const bool finite = std::all_of(vectors[row].begin(), vectors[row].end(), [](float number) { return std::isfinite(number); });
        if (!finite) faults.flag(row, Fault::NotFinite, cells.position);
    }
    return vectors;
}

}  // namespace

std::string_view fault_name(Fault fault) {
    switch (fault) {
        case Fault::None: return "";
        case Fault::MissingId: return "missing id";
        case Fault::IdTooLong: return "longer than 256 bytes";
        case Fault::InvalidUtf8: return "invalid UTF-8";
        case Fault::NulByte: return "NUL byte";
        case Fault::NotANumber: return "not a number";
        case Fault::NotFinite: return "NaN or infinite";
        case Fault::OutOfRange: return "out of range";
        case Fault::NotATime: return "not a time";
        case Fault::TimeInTheFuture: return "time in the future";
        case Fault::TimeBefore1970: return "time before 1970";
        case Fault::NotTrueOrFalse: return "not true or false";
        case Fault::NotAList: return "not a list";
        case Fault::WrongVectorLength: return "vector of another length";
        case Fault::TextTooLong: return "text too long";
        case Fault::UnknownItem: return "unknown item";
        case Fault::IdStandsTwice: return "id stands twice";
        case Fault::TooManyTypes: return "more than 65,535 types";
    }
    return "";
}

Fault check_id(std::string_view id) noexcept {
    if (id.empty()) return Fault::MissingId;
    if (id.size() > kIdBytesMax) return Fault::IdTooLong;
    if (id.find('\0') != std::string_view::npos) return Fault::NulByte;
    return base::is_valid_utf8(id) ? Fault::None : Fault::InvalidUtf8;
}

std::optional<double> parse_number(std::string_view text) noexcept {
    text = trimmed(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
    // from_chars does not say on which side of the range a number lies; strtod does: 0 or infinity.
    return code == std::errc::result_out_of_range ? std::strtod(std::string(text).c_str(), nullptr) : number;
}

std::optional<TimeUs> parse_iso_time(std::string_view text) noexcept {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!take_digits(text, 4, year) || !take_char(text, '-') || !take_digits(text, 2, month) || !take_char(text, '-') || !take_digits(text, 2, day)) {
        return std::nullopt;
    }
    const auto date = std::chrono::year(year) / month / day;
    if (!date.ok()) return std::nullopt;
    const TimeUs midnight = std::chrono::sys_days(date).time_since_epoch().count() * kDayUs;
    if (text.empty()) return midnight;
    if (!take_char(text, 'T') && !take_char(text, ' ') && !take_char(text, 't')) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock) return std::nullopt;
    const auto zone = take_zone(text);
    if (!zone || !text.empty()) return std::nullopt;
    return midnight + *clock - *zone;
}

CodedTexts texts_of(const Cells& cells) {
    return std::visit(
        [&cells](const auto& values) -> CodedTexts {
            using Values = std::decay_t<decltype(values)>;
            if constexpr (std::is_same_v<Values, CodedColumn>)
                return code_coded(values, cells);
            else if constexpr (std::is_same_v<Values, StringColumn>)
                return code_texts(values, cells);
            else if constexpr (std::is_same_v<Values, VectorColumn> || std::is_same_v<Values, StringListColumn>) {
                return CodedTexts{std::vector<std::uint32_t>(cells.rows(), kNoRow), {}};
            } else {
                return code_numbers(values, cells);
            }
        },
        cells.column.values);
}

CodedTexts ids_of(const Cells& cells, bool required, RowFaults& faults) {
    CodedTexts coded = texts_of(cells);
    std::vector<Fault> of_value;
    for (std::size_t i = 0; i < coded.values.size(); ++i) of_value.push_back(check_id(coded.values[i]));
    for (std::size_t row = 0; row < coded.codes.size(); ++row) {
        const auto code = coded.codes[row];
        const Fault fault = code != kNoRow ? of_value[code] : required ? Fault::MissingId : Fault::None;
        if (fault != Fault::None) faults.flag(row, fault, cells.position);
    }
    return coded;
}

std::vector<double> numbers_of(const Cells& cells, bool nan_is_missing, RowFaults& faults) {
    std::vector<double> numbers(cells.rows(), kNaN);
    const auto take = [&](std::size_t row, double number) {
        if (std::isnan(number) && nan_is_missing) return;
        if (!std::isfinite(number))
            faults.flag(row, Fault::NotFinite, cells.position);
        else if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max()))
            faults.flag(row, Fault::OutOfRange, cells.position);
        else
            numbers[row] = number;
    };
    const bool is_text = for_each_text(cells, [&](std::size_t row, std::string_view text) {
        if (const auto number = parse_number(text))
            take(row, *number);
        else
            faults.flag(row, Fault::NotANumber, cells.position);
    });
    const bool is_number = is_text || for_each_number(cells, [&](std::size_t row, auto number) { take(row, static_cast<double>(number)); });
    if (!is_number) flag_all(cells, Fault::NotANumber, faults);
    return numbers;
}

std::vector<std::uint8_t> flags_of(const Cells& cells, RowFaults& faults) {
    std::vector<std::uint8_t> flags(cells.rows(), 0);
    const bool is_text = for_each_text(cells, [&](std::size_t row, std::string_view text) {
        text = trimmed(text);
        const bool yes = text == "1" || text == "true" || text == "True" || text == "TRUE" || text == "1.0";
        const bool no = text == "0" || text == "false" || text == "False" || text == "FALSE" || text == "0.0";
        if (!yes && !no) faults.flag(row, Fault::NotTrueOrFalse, cells.position);
        flags[row] = yes ? 1 : 0;
    });
    const bool is_number = is_text || for_each_number(cells, [&](std::size_t row, auto number) {
                               const auto value = static_cast<double>(number);
                               if (value != 0 && value != 1) faults.flag(row, Fault::NotTrueOrFalse, cells.position);
                               flags[row] = value == 1 ? 1 : 0;
                           });
    if (!is_number) flag_all(cells, Fault::NotTrueOrFalse, faults);
    return flags;
}

std::vector<std::int32_t> positions_of(const Cells& cells, RowFaults& faults) {
    const auto numbers = numbers_of(cells, /*nan_is_missing=*/true, faults);
    std::vector<std::int32_t> positions(numbers.size(), kNoPosition);
    for (std::size_t row = 0; row < numbers.size(); ++row) {
        if (std::isnan(numbers[row])) continue;
        const bool whole = numbers[row] >= 0 && numbers[row] <= std::numeric_limits<std::int32_t>::max() && numbers[row] == std::trunc(numbers[row]);
        if (whole)
            positions[row] = static_cast<std::int32_t>(numbers[row]);
        else
            faults.flag(row, Fault::OutOfRange, cells.position);
    }
    return positions;
}

std::vector<TimeUs> times_of(const Cells& cells, TimeUnit& unit, RowFaults& faults) {
    std::vector<TimeUs> times(cells.rows(), kNoTime);
    TimeUnit microseconds = TimeUnit::Microseconds;
    TimeReader reader(cells.column.time_us ? microseconds : unit, times, cells, faults);
    const bool is_text = for_each_text(cells, [&](std::size_t row, std::string_view text) { reader.take(row, text); });
    const bool is_number = is_text || for_each_number(cells, [&](std::size_t row, auto number) {
                               if constexpr (std::is_floating_point_v<decltype(number)>)
                                   reader.take(row, static_cast<double>(number));
                               else
                                   reader.take(row, static_cast<std::int64_t>(number));
                           });
    if (!is_number) flag_all(cells, Fault::NotATime, faults);
    return times;
}

std::vector<std::vector<std::string>> lists_of(const Cells& cells, std::string_view separator, RowFaults& faults) {
    std::vector<std::vector<std::string>> lists(cells.rows());
    if (const auto* column = std::get_if<StringListColumn>(&cells.column.values)) {
        for (std::size_t row = 0; row < lists.size(); ++row) {
            for (auto i = column->offsets[row]; i < column->offsets[row + 1]; ++i) lists[row].emplace_back(column->strings[i]);
        }
    } else {
        split_lists(cells, separator, lists, faults);
    }
    check_lists(lists, cells.position, faults);
    return lists;
}

std::vector<std::vector<float>> vectors_of(const Cells& cells, std::string_view separator, RowFaults& faults) {
    if (const auto* column = std::get_if<VectorColumn>(&cells.column.values)) return whole_vectors(*column, cells, faults);
    const auto lists = lists_of(cells, separator, faults);
    std::vector<std::vector<float>> vectors(lists.size());
    for (std::size_t row = 0; row < lists.size(); ++row) {
        auto numbers = floats_from(lists[row]);
        if (numbers)
            vectors[row] = std::move(*numbers);
        else
            faults.flag(row, Fault::NotANumber, cells.position);
    }
    return vectors;
}

std::string cell_text(const Column& column, std::size_t row) {
    constexpr std::size_t kShown = 200;
    if (!column.valid.empty() && column.valid[row] == 0) return "";
    std::array<char, 40> digits{};
    return std::visit(
        [&](const auto& values) -> std::string {
            using Values = std::decay_t<decltype(values)>;
            if constexpr (std::is_same_v<Values, CodedColumn>)
                return base::printable(values.values[values.codes[row]], kShown);
            else if constexpr (std::is_same_v<Values, StringColumn>)
                return base::printable(values[row], kShown);
            else if constexpr (std::is_same_v<Values, VectorColumn> || std::is_same_v<Values, StringListColumn>)
                return "(a list)";
            else
                return std::string(number_text(values[row], digits));
        },
        column.values);
}

}  // namespace shortlist::data
