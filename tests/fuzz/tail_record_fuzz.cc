// Any bytes either are refused as a log record or encode back to the same bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/data/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto record = shortlist::data::decode_record(bytes);
    if (!record) return 0;
    std::string again;
    encode_record(*record, again);
    SHORTLIST_CHECK(again == bytes, again.size(), bytes.size());
    if (const auto* event = std::get_if<shortlist::data::Event>(&*record)) static_cast<void>(validate_event(*event, 0));
    if (const auto* item = std::get_if<shortlist::data::ItemUpsert>(&*record)) static_cast<void>(validate_upsert(*item));
    return 0;
}
