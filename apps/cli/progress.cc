#include "apps/cli/progress.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace shortlist::cli {

namespace {

constexpr TimeUs kBetweenDrawings = kSecondUs / 10;
constexpr std::size_t kBarWidth = 30;
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(const Io& io, const base::Clock& clock) : err_(io.err), clock_(clock), visible_(io.terminal) {}

void ProgressBar::update(std::string_view stage, double done) {
    if (!visible_) return;
    const TimeUs now = clock_.now();
    if (stage != stage_) {
        stage_ = stage;
        stage_start_ = now;
    } else if (now - last_drawn_ < kBetweenDrawings) {
        return;
    }
    draw(done >= 0 ? std::min(done, 1.0) : 0.0, now);
}

void ProgressBar::draw(double done, TimeUs now) {
    last_drawn_ = now;
    drawn_ = true;
    err_ << kClearLine << bar_of(done, kBarWidth) << ' ' << fixed(100 * done, 0) << "% " << base::printable(stage_, 40);
    const double spent = static_cast<double>(now - stage_start_) / kSecondUs;
    if (done > 0.01 && done < 1 && spent > 1) err_ << ", " << fixed(std::ceil(spent / done - spent), 0) << " s left";
    err_ << std::flush;
}

void ProgressBar::finish() {
    if (drawn_) err_ << kClearLine << std::flush;
    drawn_ = false;
}

std::string bar_of(double done, std::size_t width) {
    const auto full = static_cast<std::size_t>(std::floor(done * static_cast<double>(width)));
    return "[" + std::string(full, '#') + std::string(width - full, '-') + "]";
}

}  // namespace shortlist::cli
