#include "engine/data/signals.h"

#include <utility>

#include "engine/base/text.h"

namespace shortlist::data {

namespace {

bool within(const ValueBounds& bounds, float value) noexcept {
    if (bounds.at_least && !(value >= *bounds.at_least)) return false;
    return !bounds.at_most || value <= *bounds.at_most;
}

}  // namespace

Result<SignalSet> SignalSet::create(std::vector<Signal> signals) {
    if (signals.size() > kSignalsMax) {
        return base::invalid_argument("signals: at most " + std::to_string(kSignalsMax) + " are allowed; got " + std::to_string(signals.size()));
    }
    SignalSet set;
    set.signals_ = std::move(signals);
    return set;
}

Result<std::size_t> SignalSet::find(std::string_view name) const {
    std::vector<std::string> names;
    for (std::size_t s = 0; s < signals_.size(); ++s) {
        if (signals_[s].name == name) return s;
        names.push_back(signals_[s].name);
    }
    const std::string near = base::nearest(name, names);
    return base::invalid_argument("no signal is called '" + base::printable(name) + "'; there are " + base::join(names) +
                                  (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

SignalMask SignalSet::match(std::string_view type, float value) const noexcept {
    SignalMask mask = 0;
    for (std::size_t s = 0; s < signals_.size(); ++s) {
        const SignalConfig& config = signals_[s].config;
        if (config.type == type && within(config.value, value)) mask |= SignalMask{1} << s;
    }
    return mask;
}

std::vector<SignalMask> SignalSet::match(const EventTable& events) const {
    std::vector<std::vector<std::size_t>> by_type(events.types.size());
    for (std::size_t s = 0; s < signals_.size(); ++s) {
        if (const auto type = events.types.find(signals_[s].config.type); type != kNoRow) by_type[type].push_back(s);
    }
    std::vector<SignalMask> masks(events.size(), 0);
    for (std::size_t i = 0; i < events.size(); ++i) {
        for (const std::size_t s : by_type[events.type[i]]) {
            if (within(signals_[s].config.value, events.value[i])) masks[i] |= SignalMask{1} << s;
        }
    }
    return masks;
}

}  // namespace shortlist::data
