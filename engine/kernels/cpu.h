/// Which set of vector instructions the kernels use. Found once; SHORTLIST_CPU=scalar|avx2|avx512 forces one.
#pragma once

#include <string_view>

#include "engine/base/result.h"

namespace shortlist::kernels {

/// Each level includes the ones before it.
enum class CpuLevel {
    Scalar,
    Avx2,    ///< AVX2 and FMA.
    Avx512,  ///< AVX-512 F, BW, DQ, VL and VNNI.
};

/// "scalar", "avx2" or "avx512": as written in SHORTLIST_CPU and in the manifest of a bundle.
[[nodiscard]] std::string_view name_of(CpuLevel level) noexcept;

/// The highest level that this processor and its operating system support.
[[nodiscard]] CpuLevel detected_cpu_level() noexcept;

/// `detected`, or the level called `forced` where that is not empty.
/// Errors: InvalidArgument for a name that is no level, or a level above `detected`.
[[nodiscard]] Result<CpuLevel> choose_cpu_level(std::string_view forced, CpuLevel detected);

/// The same with SHORTLIST_CPU and this processor. A program calls it first, to report a wrong value as an error.
[[nodiscard]] Result<CpuLevel> choose_cpu_level();

/// What choose_cpu_level() gave when it was first asked; every kernel takes it as its default.
/// Stops the process where SHORTLIST_CPU is wrong. Any thread may call it.
[[nodiscard]] CpuLevel active_cpu_level();

}  // namespace shortlist::kernels
