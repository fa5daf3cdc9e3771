/// Memory for kernels: aligned to a cache line, and on huge pages where it is large, so that a scan does not wait for
/// page table walks.
#pragma once

#include <cstddef>
#include <vector>

namespace shortlist::kernels {

/// `bytes` of uninitialised memory aligned to 64 bytes (2 MiB from 4 MiB on). Throws std::bad_alloc as operator new does.
[[nodiscard]] void* allocate_aligned(std::size_t bytes);
void free_aligned(void* memory) noexcept;

template <class T>
struct AlignedAllocator {
    using value_type = T;

    AlignedAllocator() = default;
    template <class U>
    AlignedAllocator(const AlignedAllocator<U>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(allocate_aligned(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { free_aligned(memory); }
    friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) noexcept { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace shortlist::kernels
