/// What the kernels' tests share: the levels this machine can run, random vectors, and storage off its alignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/cpu.h"

namespace shortlist::kernels {

[[nodiscard]] inline std::vector<CpuLevel> levels_here() {
    std::vector<CpuLevel> levels;
    for (const CpuLevel level : {CpuLevel::Scalar, CpuLevel::Avx2, CpuLevel::Avx512}) {
        if (level <= detected_cpu_level()) levels.push_back(level);
    }
    return levels;
}

/// Those of them that promise equal bits: none on a machine with scalar instructions only.
[[nodiscard]] inline std::vector<CpuLevel> vector_levels_here() {
    auto levels = levels_here();
    levels.erase(levels.begin());
    return levels;
}

[[nodiscard]] inline std::vector<float> random_floats(Rng& rng, std::size_t count) {
    std::vector<float> out(count);
    for (float& value : out) value = static_cast<float>(rng.normal());
    return out;
}

/// A copy of `values` whose address is `offset` floats past a 64-byte boundary, with nothing readable behind it under ASan.
class Misaligned {
public:
    Misaligned(std::span<const float> values, std::size_t offset) : storage_(offset + values.size() + 16), count_(values.size()) {
        const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
        begin_ = (64 - address % 64) % 64 / sizeof(float) + offset;
        storage_.resize(begin_ + count_);
        for (std::size_t i = 0; i < count_; ++i) storage_[begin_ + i] = values[i];
    }
    [[nodiscard]] std::span<const float> get() const { return std::span(storage_).subspan(begin_, count_); }

private:
    std::vector<float> storage_;
    std::size_t count_;
    std::size_t begin_ = 0;
};

}  // namespace shortlist::kernels
