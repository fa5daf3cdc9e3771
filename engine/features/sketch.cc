#include "engine/features/sketch.h"

#include <array>
#include <bit>

#include "engine/data/dictionary.h"

namespace shortlist::features {

namespace {

constexpr std::size_t kRegisters = StateTable::kRegisters;
// The bias of the harmonic mean for 64 registers (Flajolet et al., figure 3).
constexpr double kAlpha = 0.709;
// Natural logarithms of 64 / z for z empty registers, as linear counting wants them; our own, for the bits of the C library's may differ.
constexpr std::array<double, kRegisters + 1> kLogs = [] {
    std::array<double, kRegisters + 1> logs{};
    for (std::size_t empty = 1; empty <= kRegisters; ++empty) {
        // ln(64 / z) = 2 artanh((64 - z) / (64 + z))
        const long double q = static_cast<long double>(kRegisters - empty) / static_cast<long double>(kRegisters + empty);
        long double power = q;
        long double sum = 0;
        for (int term = 1; term < 2000; term += 2) {
            sum += power / term;
            power *= q * q;
        }
        logs[empty] = static_cast<double>(2 * sum);
    }
    return logs;
}();

}  // namespace

SketchMark sketch_mark(std::string_view id) noexcept {
    const std::uint64_t hash = data::text_hash(id);
    const auto rank = static_cast<std::uint8_t>(std::countl_zero((hash << 6U) | 63U) + 1);
    return {static_cast<std::uint8_t>(hash >> 58U), rank};
}

template <class Word>
double distinct(std::span<const Word> sketch) noexcept {
    double inverse_sum = 0;
    std::size_t empty = 0;
    for (const Word word : sketch) {
        for (unsigned r = 0; r < 4; ++r) {
            const auto rank = static_cast<unsigned>(word >> (r * 8U) & 255U);
            inverse_sum += std::bit_cast<double>(std::uint64_t{1023 - rank} << 52U);  // 2^-rank
            empty += rank == 0 ? 1U : 0U;
        }
    }
    constexpr auto kCount = static_cast<double>(kRegisters);
    if (empty == kRegisters) return 0;
    const double estimate = kAlpha * kCount * kCount / inverse_sum;
    return estimate <= 2.5 * kCount && empty > 0 ? kCount * kLogs[empty] : estimate;
}

template double distinct(std::span<const std::uint32_t>) noexcept;
template double distinct(std::span<const std::uint64_t>) noexcept;

}  // namespace shortlist::features
