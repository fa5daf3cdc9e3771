// Any bytes in the place of one of a segment's files are refused as DataLoss, or give records of that segment in their order. The first byte
// chooses the file; its digest, where it has one, is made to fit, so that the reader behind it is reached.

#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/data/files_internal.h"
#include "engine/data/segment_internal.h"
#include "engine/data/state_file.h"

namespace {

using namespace shortlist;
namespace fs = std::filesystem;

constexpr data::Segment kSegment{0, 4, 0};

// A sound segment with a record of each class, in a folder that goes with the process.
class Sealed {
public:
    Sealed() {
        data::Event event;
        event.user = "u1";
        event.item = "i1";
        event.type = "watch";
        event.time = kDayUs;
        event.context = {{"device", "tv"}};
        data::ItemUpsert item;
        item.id = "i2";
        item.attributes = {{"words", std::vector<std::string>{"a", ""}}};
        data::ServedList list;
        list.request.request_id = "r1";
        list.items = {{"i1", 0.5F}};
        const std::array<data::Record, 4> records{event, item, data::Tick{kDayUs}, list};
        const auto written = data::write_segment(project_, kSegment, [&](data::RecordClass wanted, const data::RecordVisit& visit) -> Status {
            for (std::size_t r = 0; r < records.size(); ++r) {
                if (std::holds_alternative<data::ServedList>(records[r]) == (wanted == data::RecordClass::List)) SHORTLIST_TRY(visit(r, records[r]));
            }
            return {};
        });
        SHORTLIST_CHECK(written.has_value(), written.error().message);
        for (const auto& entry : fs::directory_iterator(project_ / "log" / "segments")) folder_ = entry.path();
        for (const char* name : kNames) files_.push_back(data::read_file(folder_ / name, kBytesMax).value());
        manifest_ = data::read_file(folder_ / "manifest.json", kBytesMax).value();
    }
    ~Sealed() {
        std::error_code code;
        fs::remove_all(project_, code);
    }
    Sealed(const Sealed&) = delete;
    Sealed& operator=(const Sealed&) = delete;

    /// Puts bytes in the place of one file, and the others as they were.
    void replace(std::size_t file, std::string_view bytes) {
        for (std::size_t f = 0; f < files_.size(); ++f) put(folder_ / kNames[f], files_[f]);
        auto manifest = manifest_;
        if (file == 0) {
            put(folder_ / kNames[0], bytes);
            const auto sound = data::sha256_hex(files_[0]);
            manifest.replace(manifest.find(sound), sound.size(), data::sha256_hex(bytes));
        } else {
            const auto saved = data::save_state_file(folder_ / kNames[file], [&](base::ByteWriter& out) { out.put_bytes(bytes); });
            SHORTLIST_CHECK(saved.has_value(), saved.error().message);
        }
        put(folder_ / "manifest.json", manifest);
    }
    [[nodiscard]] const fs::path& project() const { return project_; }

    static constexpr std::array<const char*, 3> kNames{"events.parquet", "changes.state", "lists.state"};

private:
    static constexpr std::size_t kBytesMax = std::size_t{1} << 20;

    static void put(const fs::path& path, std::string_view bytes) {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file << bytes;
    }

    fs::path project_ = fs::temp_directory_path() / ("shortlist-segment-fuzz-" + std::to_string(::getpid()));
    fs::path folder_;
    std::vector<std::string> files_;
    std::string manifest_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Sealed sealed;
    if (size == 0) return 0;
    sealed.replace(data[0] % Sealed::kNames.size(), {reinterpret_cast<const char*>(data) + 1, size - 1});
    for (const auto wanted : {data::RecordClass::State, data::RecordClass::List}) {
        std::uint64_t next = kSegment.begin;
        const auto read = data::read_segment(sealed.project(), kSegment, {wanted, 0}, [&](std::uint64_t sequence, const data::Record&) -> Status {
            SHORTLIST_CHECK(sequence >= next && sequence < kSegment.end, sequence);
            next = sequence + 1;
            return {};
        });
        SHORTLIST_CHECK(read || read.error().code == base::ErrorCode::DataLoss || read.error().code == base::ErrorCode::FailedPrecondition,
                        read.error().message);
    }
    return 0;
}
