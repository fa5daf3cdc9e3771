#include "engine/kernels/cpu.h"

#include <array>
#include <cstdlib>
#include <string>

#include "engine/base/text.h"

namespace shortlist::kernels {

std::string_view name_of(CpuLevel level) noexcept {
    switch (level) {
        case CpuLevel::Scalar: return "scalar";
        case CpuLevel::Avx2: return "avx2";
        case CpuLevel::Avx512: return "avx512";
    }
    return "unknown";
}

CpuLevel detected_cpu_level() noexcept {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return CpuLevel::Scalar;
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
    return avx512 ? CpuLevel::Avx512 : CpuLevel::Avx2;
}

Result<CpuLevel> choose_cpu_level(std::string_view forced, CpuLevel detected) {
    if (forced.empty()) return detected;
    for (const CpuLevel level : std::array{CpuLevel::Scalar, CpuLevel::Avx2, CpuLevel::Avx512}) {
        if (forced != name_of(level)) continue;
        if (level <= detected) return level;
        return base::invalid_argument("SHORTLIST_CPU asks for more than this processor has (" + std::string(name_of(detected)) +
                                      "): " + std::string(forced));
    }
    return base::invalid_argument("SHORTLIST_CPU must be scalar, avx2 or avx512, not \"" + base::printable(forced) + "\"");
}

Result<CpuLevel> choose_cpu_level() {
    const char* forced = std::getenv("SHORTLIST_CPU");
    return choose_cpu_level(forced == nullptr ? std::string_view() : std::string_view(forced), detected_cpu_level());
}

CpuLevel active_cpu_level() {
    static const CpuLevel level = choose_cpu_level().value();
    return level;
}

}  // namespace shortlist::kernels
