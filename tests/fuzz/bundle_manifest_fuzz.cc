// Any text either is refused as a manifest or holds only sound names and paths, and reads back the same from what it is written as.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "engine/data/bundle_folder.h"

using shortlist::data::parse_manifest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto manifest = parse_manifest(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!manifest) return 0;
    SHORTLIST_CHECK(shortlist::data::is_bundle_name(manifest->name), manifest->name);
    for (const auto& [path, file] : manifest->files) SHORTLIST_CHECK(shortlist::data::is_bundle_path(path), path);
    const auto again = parse_manifest(format_manifest(*manifest));
    SHORTLIST_CHECK(again.has_value());
    SHORTLIST_CHECK(again->name == manifest->name && again->files == manifest->files, manifest->name);
    return 0;
}
