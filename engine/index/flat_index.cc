#include "engine/index/flat_index.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/kernels/dot.h"

namespace shortlist::index {

Result<FlatIndex> FlatIndex::build(std::span<const float> matrix, std::size_t dimension) {
    SHORTLIST_ASSIGN(const auto vectors, Vectors::create(matrix, dimension));
    return FlatIndex(vectors);
}

std::size_t FlatIndex::search(std::span<const float> query, std::size_t k, std::span<const std::uint64_t> eligible, SearchScratch& scratch,
                              std::span<Scored> out) const {
    SHORTLIST_CHECK(query.size() == dimension() && (eligible.empty() || eligible.size() * 64 >= size()), query.size(), eligible.size());
    k = std::min({k, out.size(), size()});
    if (k == 0 || !all_usable(query)) return 0;
    scratch.best.start(k);
    std::array<float, 64> scores;
    for (std::size_t begin = 0; begin < size(); begin += scores.size()) {
        const std::size_t count = std::min(scores.size(), size() - begin);
        kernels::dot_rows(vectors_.values().subspan(begin * dimension(), count * dimension()), query, std::span(scores).first(count));
        for (std::size_t i = 0; i < count; ++i) {
            if (allows(eligible, begin + i)) scratch.best.offer({scores[i], static_cast<std::uint32_t>(begin + i)});
        }
    }
    const auto best = scratch.best.best();
    std::copy(best.begin(), best.end(), out.begin());
    return best.size();
}

}  // namespace shortlist::index
