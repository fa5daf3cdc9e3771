#include "engine/base/rfc3339.h"

#include <chrono>

namespace shortlist::base {
namespace {

/// Takes text from the front; once something does not fit, `ok` stays false.
struct Scanner {
    std::string_view rest;
    bool ok = true;

    int number(std::size_t digits, int low, int high) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const char digit = take();
            if (digit < '0' || digit > '9') return ok = false, 0;
            value = value * 10 + (digit - '0');
        }
        if (value < low || value > high) ok = false;
        return value;
    }
    char take() {
        if (rest.empty()) return ok = false, '\0';
        const char letter = rest.front();
        rest.remove_prefix(1);
        return letter;
    }
    void expect(std::string_view letters) {
        if (letters.find(take()) == std::string_view::npos) ok = false;
    }
    [[nodiscard]] bool at_digit() const { return !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; }
};

TimeUs scan_fraction(Scanner& scanner) {
    if (!scanner.rest.starts_with('.')) return 0;
    scanner.take();
    if (!scanner.at_digit()) scanner.ok = false;
    TimeUs fraction = 0;
    for (TimeUs unit = kSecondUs / 10; scanner.at_digit(); unit /= 10) fraction += unit * (scanner.take() - '0');
    return fraction;
}

/// How far local time is ahead of UTC.
TimeUs scan_offset(Scanner& scanner) {
    const char sign = scanner.take();
    if (sign == 'Z' || sign == 'z') return 0;
    if (sign != '+' && sign != '-') scanner.ok = false;
    const int hours = scanner.number(2, 0, 23);
    scanner.expect(":");
    const int minutes = scanner.number(2, 0, 59);
    const TimeUs offset = hours * kHourUs + minutes * kMinuteUs;
    return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<TimeUs> parse_rfc3339(std::string_view text) {
    Scanner scanner{text};
    const int year = scanner.number(4, 1, 9999);
    scanner.expect("-");
    const int month = scanner.number(2, 1, 12);
    scanner.expect("-");
    const int day = scanner.number(2, 1, 31);
    scanner.expect("Tt ");
    const int hour = scanner.number(2, 0, 23);
    scanner.expect(":");
    const int minute = scanner.number(2, 0, 59);
    scanner.expect(":");
    const int second = scanner.number(2, 0, 60);
    const TimeUs fraction = scan_fraction(scanner);
    const TimeUs offset = scan_offset(scanner);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!scanner.ok || !scanner.rest.empty() || !date.ok()) return std::nullopt;
    const TimeUs days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * kDayUs + hour * kHourUs + minute * kMinuteUs + second * kSecondUs + fraction - offset;
}

}  // namespace shortlist::base
