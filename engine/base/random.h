/// Seeded random numbers that are the same on every machine: no std distribution, whose results vary by library.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace shortlist::base {

/// Mixes a 64-bit value so that close inputs give unrelated outputs (SplitMix64, Steele et al., OOPSLA 2014).
[[nodiscard]] std::uint64_t mix64(std::uint64_t value) noexcept;

/// xoshiro256++ (Blackman & Vigna, TOMS 2021). Not for secrets. One thread at a time.
class Rng {
public:
    explicit Rng(std::uint64_t seed) noexcept;

    /// An independent generator for the part called `stream`, whatever has been drawn from this one.
    [[nodiscard]] Rng fork(std::uint64_t stream) const noexcept;

    std::uint64_t next() noexcept;
    /// Uniform in [0, 1), 53 bits.
    double uniform() noexcept;
    double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
    /// Uniform in [0, bound), bound >= 1, without bias (Lemire, TOMACS 2019).
    std::uint64_t below(std::uint64_t bound) noexcept;
    /// Standard normal (Box-Muller, one value a call).
    double normal() noexcept;
    /// Exponential with mean 1.
    double exponential() noexcept;
    /// Gamma(shape, 1), shape > 0 (Marsaglia & Tsang, TOMS 2000).
    double gamma(double shape) noexcept;
    double beta(double a, double b) noexcept;
    bool chance(double probability) noexcept { return uniform() < probability; }

    template <class T>
    void shuffle(std::span<T> values) noexcept {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

private:
    std::array<std::uint64_t, 4> state_;
    std::uint64_t seed_;
};

}  // namespace shortlist::base

namespace shortlist {
using base::Rng;
}  // namespace shortlist
