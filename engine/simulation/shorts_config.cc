#include "engine/simulation/shorts_config.h"

#include <cmath>
#include <optional>
#include <sstream>
#include <string>

namespace shortlist::simulation {
namespace {

/// Visits a config and keeps the first number that is out of its range.
class RangeVisitor {
public:
    template <class Number, class Rule>
    void field(const char* name, const Number& value, const Rule& rule, const char* /*help*/) {
        if constexpr (std::is_same_v<Rule, base::Range>) {
            const auto number = static_cast<double>(value);
            if (error_ || (number >= rule.low && number <= rule.high)) return;
            std::ostringstream message;
            message << name << " must be from " << rule.low << " to " << rule.high << ", not " << value;
            error_ = base::invalid_argument(message.str());
        }
    }
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

private:
    std::optional<Error> error_;
};

}  // namespace

Status check(const ShortsConfig& config) {
    RangeVisitor visitor;
    ShortsConfig copy = config;
    copy.describe(visitor);
    if (visitor.error()) return *visitor.error();
    const double shares = config.personal_share + config.fresh_share;
    if (shares > 1.0) return base::invalid_argument("personal_share and fresh_share must add to at most 1, not " + std::to_string(shares));
    return {};
}

}  // namespace shortlist::simulation
