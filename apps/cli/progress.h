/// A bar for people who wait: one line on a terminal, drawn over itself.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "apps/cli/render.h"
#include "engine/base/clock.h"

namespace shortlist::cli {

/// Writes nothing unless a person watches. One thread. finish() or the destructor clears the line.
class ProgressBar {
public:
    /// `clock` must outlive the bar; it spaces the drawings and estimates the time left.
    ProgressBar(const Io& io, const base::Clock& clock);
    ~ProgressBar() { finish(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// `done` of `stage`, in [0, 1]; values outside are cut. Draws at most ten times a second, and whenever the stage changes.
    void update(std::string_view stage, double done);
    void finish();

private:
    void draw(double done, TimeUs now);

    std::ostream& err_;
    const base::Clock& clock_;
    bool visible_;
    std::string stage_;
    TimeUs stage_start_ = 0;
    TimeUs last_drawn_ = 0;
    bool drawn_ = false;
};

/// `[#####-----]` of `width` cells for a share in [0, 1].
[[nodiscard]] std::string bar_of(double done, std::size_t width);

}  // namespace shortlist::cli
