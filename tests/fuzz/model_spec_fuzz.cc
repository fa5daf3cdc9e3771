// Any text either is refused as the description of a bundle's models or is written back to one that reads the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "engine/pipeline/model_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto spec = shortlist::pipeline::parse_model_spec(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!spec) return 0;
    const auto text = shortlist::pipeline::to_json(*spec);
    const auto again = shortlist::pipeline::parse_model_spec(text);
    SHORTLIST_CHECK(again.has_value(), text);
    SHORTLIST_CHECK(shortlist::pipeline::to_json(*again) == text, text);
    return 0;
}
