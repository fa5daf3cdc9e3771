#include "engine/data/change_file_internal.h"
#include "engine/data/state_file.h"

namespace shortlist::data {

Status save_changes(const std::filesystem::path& path, const NumberedRecords& changes) {
    return save_state_file(path, [&changes](base::ByteWriter& out) {
        out.put(std::uint64_t{changes.size()});
        for (const auto& [number, record] : changes) {
            std::string bytes;
            encode_record(record, bytes);
            out.put(number);
            out.put_text(bytes);
        }
    });
}

Result<NumberedRecords> load_changes(const std::filesystem::path& path) {
    NumberedRecords changes;
    SHORTLIST_TRY(load_state_file(path, [&](base::ByteReader& in) -> Status {
        constexpr std::size_t kLeastBytes = 12;  // a number, and the length of the record
        const std::size_t count = in.take_count(kLeastBytes);
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            const auto number = in.take<std::uint64_t>();
            SHORTLIST_ASSIGN(auto record, decode_record(in.take_text()));
            changes.emplace_back(number, std::move(record));
        }
        return {};
    }));
    return changes;
}

}  // namespace shortlist::data
