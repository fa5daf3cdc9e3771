#include "engine/kernels/aligned.h"

#include <sys/mman.h>

#include <cstdlib>
#include <limits>
#include <new>

namespace shortlist::kernels {

namespace {
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
}  // namespace

void* allocate_aligned(std::size_t bytes) {
    const bool huge = bytes >= 2 * kHugePage;
    const std::size_t alignment = huge ? kHugePage : kCacheLine;
    if (bytes > std::numeric_limits<std::size_t>::max() - alignment) throw std::bad_alloc();
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, rounded);
    if (memory == nullptr) throw std::bad_alloc();
    // Advice: where the kernel has no huge page to give, the memory works all the same.
    if (huge) static_cast<void>(madvise(memory, rounded, MADV_HUGEPAGE));
    return memory;
}

void free_aligned(void* memory) noexcept { std::free(memory); }

}  // namespace shortlist::kernels
