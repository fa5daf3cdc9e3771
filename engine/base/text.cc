#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "engine/base/checked.h"

namespace shortlist::base {

namespace {

// The values that the byte behind `lead` may have: no overlong form, no surrogate, nothing past U+10FFFF.
std::pair<unsigned char, unsigned char> second_byte_range(unsigned char lead) noexcept {
    switch (lead) {
        case 0xe0: return {0xa0, 0xbf};
        case 0xed: return {0x80, 0x9f};
        case 0xf0: return {0x90, 0xbf};
        case 0xf4: return {0x80, 0x8f};
        default: return {0x80, 0xbf};
    }
}

// Length of the well-formed sequence at the front of `text`, 0 when there is none.
// Source: The Unicode Standard, table 3-7.
std::size_t utf8_sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
    const auto [low, high] = second_byte_range(lead);
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return length;
}

// Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

struct Unit {
    std::string_view name;
    TimeUs length;
};
constexpr std::array<Unit, 6> kUnits{{{"us", 1}, {"ms", 1000}, {"s", kSecondUs}, {"m", kMinuteUs}, {"h", kHourUs}, {"d", kDayUs}}};

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string nearest(std::string_view word, std::span<const std::string> options) {
    std::string best;
    std::size_t best_distance = SIZE_MAX;
    if (word.size() > 256) return best;
    for (const auto& option : options) {
        const std::size_t distance = edit_distance(word, option);
        if (distance < best_distance && distance * 3 <= std::max(word.size(), option.size()) * 2) {
            best = option;
            best_distance = distance;
        }
    }
    return best;
}

std::string suggestion(std::string_view word, std::span<const std::string> options) {
    const std::string near = nearest(word, options);
    return (near.empty() ? "; allowed: " : "; did you mean '" + near + "'? Allowed: ") + join(options);
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t used = 0;
    while (used < text.size() && out.size() < limit) {
        const std::size_t length = utf8_sequence_length(text.substr(used));
        const auto byte = static_cast<unsigned char>(text[used]);
        if (length == 0 || byte < 0x20 || byte == 0x7f) {
            std::array<char, 5> hex{};
            std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
            out += hex.data();
            used += 1;
        } else {
            out += text.substr(used, length);
            used += length;
        }
    }
    if (used < text.size()) out += "...";
    return out;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

Result<TimeUs> parse_duration(std::string_view text) {
    std::int64_t amount = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), amount);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& known : kUnits) {
        if (code == std::errc{} && amount >= 0 && unit == known.name) {
            if (auto product = checked_multiply(amount, known.length)) return product;
        }
    }
    return invalid_argument("a duration is a whole number and one of us, ms, s, m, h, d, such as 12h; got '" + printable(text) + "'");
}

std::string format_duration(TimeUs duration) {
    for (auto unit = kUnits.rbegin(); unit != kUnits.rend(); ++unit) {
        if (duration % unit->length == 0 && (duration != 0 || unit->name == "s")) {
            return std::to_string(duration / unit->length) + std::string(unit->name);
        }
    }
    return std::to_string(duration) + "us";
}

std::string format_count(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
    return digits;
}

std::string format_bytes(std::uint64_t bytes) {
    static constexpr std::array<const char*, 5> kNames{"B", "KiB", "MiB", "GiB", "TiB"};
    double amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1024 && unit + 1 < kNames.size()) {
        amount /= 1024;
        ++unit;
    }
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), unit == 0 ? "%.0f %s" : "%.1f %s", amount, kNames[unit]);
    return out.data();
}

std::string format_time(TimeUs time) {
    using namespace std::chrono;
    // Rounded down by hand: at the ends of the range floor<days>() overflows, and the years of year_month_day end at 32767. So the
    // date is taken within one 400-year cycle of the calendar, which has as many days as any other.
    constexpr TimeUs kCycleYears = 400;
    constexpr TimeUs kCycleDays = 146'097;
    const auto floor_by = [](TimeUs value, TimeUs by) { return value / by - (value % by < 0 ? 1 : 0); };
    const TimeUs day = floor_by(time, kDayUs);
    const TimeUs cycle = floor_by(day, kCycleDays);
    const year_month_day date{sys_days{days{day - cycle * kCycleDays}}};
    const auto year = static_cast<long long>(static_cast<int>(date.year()) + cycle * kCycleYears);
    const hh_mm_ss<microseconds> clock{microseconds((time % kDayUs + kDayUs) % kDayUs)};
    std::array<char, 48> out{};
    int length = std::snprintf(out.data(), out.size(), "%04lld-%02u-%02uT%02d:%02d:%02d", year, static_cast<unsigned>(date.month()),
                               static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                               static_cast<int>(clock.seconds().count()));
    std::string text(out.data(), static_cast<std::size_t>(length));
    if (const auto fraction = clock.subseconds().count(); fraction != 0) {
        std::snprintf(out.data(), out.size(), ".%06d", static_cast<int>(fraction));
        text += out.data();
        while (text.back() == '0') text.pop_back();
    }
    return text + "Z";
}

}  // namespace shortlist::base
