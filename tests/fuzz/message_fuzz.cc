// Any bytes are refused as a message of a stream, or give records that the log takes and gives back. The first byte chooses form and topic.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apps/server/message.h"
#include "engine/base/check.h"
#include "engine/data/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shortlist;
    if (size == 0) return 0;
    server::MessageRules rules;
    rules.format = (data[0] & 1U) != 0 ? kafka::MessageFormat::Protobuf : kafka::MessageFormat::Json;
    const auto kind = static_cast<server::MessageKind>((data[0] >> 1U) % 3);
    const auto content = server::read_message({reinterpret_cast<const char*>(data) + 1, size - 1}, kind, rules);
    SHORTLIST_CHECK(!content.records.empty() || !content.faults.empty(), size);
    for (const auto& record : content.records) {
        const auto* event = std::get_if<data::Event>(&record);
        const auto* item = std::get_if<data::ItemUpsert>(&record);
        const auto* user = std::get_if<data::UserUpsert>(&record);
        const Status valid = event != nullptr ? data::validate_event(*event, kDayUs * 20'000)
                                              : data::validate_upsert(item != nullptr ? *item : static_cast<const data::Upsert&>(*user));
        if (!valid) continue;
        std::string bytes;
        data::encode_record(record, bytes);
        SHORTLIST_CHECK(data::decode_record(bytes).has_value(), bytes.size());
    }
    return 0;
}
