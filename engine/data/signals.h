/// Signals: named, weighted readings of events ("watch of at least half the video"); what models learn from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/data/event.h"

namespace shortlist::data {

/// Bounds on an event's value, both allowed; an event without a value is never within them.
struct ValueBounds {
    std::optional<double> at_least;
    std::optional<double> at_most;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("at_least", at_least, base::range(-1e30, 1e30), "Least value that counts, itself included.");
        v.field("at_most", at_most, base::range(-1e30, 1e30), "Greatest value that counts, itself included.");
    }
};

/// Options of one signal; its name is its key in the project file.
struct SignalConfig {
    std::string type;
    ValueBounds value;
    double weight = 1.0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("type", type, base::text(1, 256), "Type of the events it reads.");
        v.field("value", value, "Bounds on the event's value; without them every event of the type counts.");
        v.field("weight", weight, base::range(-1000, 1000), "Worth of one such event; negative for a dislike.");
    }
};

struct Signal {
    std::string name;
    SignalConfig config;
};

/// Bit s is set when the event counts for signal s.
using SignalMask = std::uint32_t;
inline constexpr std::size_t kSignalsMax = 32;

/// Events [begin, end) of a log, with the signals that each event of the whole log counts for.
struct MarkedEvents {
    const EventTable& events;
    std::span<const SignalMask> masks;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The signals of a project, bound to the event types of a log. Immutable; any thread may read.
class SignalSet {
public:
    /// Errors: InvalidArgument past kSignalsMax signals.
    static Result<SignalSet> create(std::vector<Signal> signals);

    [[nodiscard]] const std::vector<Signal>& signals() const noexcept { return signals_; }
    /// Index of the signal called `name`. Errors: InvalidArgument, naming the nearest.
    [[nodiscard]] Result<std::size_t> find(std::string_view name) const;
    [[nodiscard]] SignalMask match(std::string_view type, float value) const noexcept;
    /// match() of every event. Cost: one pass.
    [[nodiscard]] std::vector<SignalMask> match(const EventTable& events) const;

private:
    std::vector<Signal> signals_;
};

}  // namespace shortlist::data
