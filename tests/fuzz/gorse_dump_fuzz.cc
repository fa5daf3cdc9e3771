// Any bytes are refused as a dump, or give messages that decode to rows or to errors; never more bytes of messages than the dump has.

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/base/check.h"
#include "engine/data/gorse_dump_internal.h"

namespace {

using shortlist::data::SourceTable;

void read(SourceTable table, const std::uint8_t* data, std::size_t size) {
    std::size_t at = 0;
    shortlist::data::GorseDump dump(
        "dump",
        [&](char* into, std::size_t bytes) -> shortlist::Result<std::size_t> {
            const std::size_t taken = std::min(bytes, size - at);
            if (taken > 0) std::memcpy(into, data + at, taken);
            at += taken;
            return taken;
        },
        table);
    std::size_t told = 0;
    while (true) {
        const auto message = dump.next();
        if (!message || !*message) return;
        told += (*message)->size();
        SHORTLIST_CHECK(told <= size, told, size);
        if (const auto row = decode_gorse_message(table, **message)) static_cast<void>(boost::json::serialize(*row));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto table : {SourceTable::Users, SourceTable::Items, SourceTable::Events}) read(table, data, size);
    return 0;
}
