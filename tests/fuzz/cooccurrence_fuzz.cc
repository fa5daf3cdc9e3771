// Any bytes either are refused as lists of similar items or give lists of other items of the catalogue, best first.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "engine/base/check.h"
#include "engine/models/cooccurrence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto model = shortlist::models::Cooccurrence::parse(std::string(reinterpret_cast<const char*>(data), size), "input");
    if (!model) return 0;
    for (shortlist::ItemRow item = 0; item < model->items(); ++item) {
        float before = std::numeric_limits<float>::infinity();
        for (const auto& [other, score] : model->similar(item)) {
            SHORTLIST_CHECK(other < model->items() && other != item && std::isfinite(score) && score <= before, item, other, score);
            before = score;
        }
    }
    return 0;
}
