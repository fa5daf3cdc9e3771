#include <fstream>
#include <iterator>
#include <utility>

#include "engine/base/check.h"
#include "engine/models/binary_file_internal.h"

namespace shortlist::models {

namespace {
constexpr std::size_t kKindBytes = 8;
}

BinaryWriter::BinaryWriter(std::string_view kind, std::uint32_t version) : bytes_(kind) {
    SHORTLIST_CHECK(kind.size() == kKindBytes, kind);
    put(version);
}

Status BinaryWriter::save(const std::filesystem::path& path) const {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    out.close();
    if (!out) return base::unavailable(path.string() + ": cannot be written");
    return {};
}

Result<std::string> read_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return base::not_found(path.string() + ": cannot be opened");
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad()) return base::unavailable(path.string() + ": cannot be read");
    return bytes;
}

Result<BinaryReader> BinaryReader::create(std::string bytes, std::string name, std::string_view kind, std::uint32_t version) {
    SHORTLIST_CHECK(kind.size() == kKindBytes, kind);
    BinaryReader reader;
    reader.name_ = std::move(name);
    reader.bytes_ = std::move(bytes);
    if (!std::string_view(reader.bytes_).starts_with(kind)) return reader.damaged("it is not a file of kind " + std::string(kind));
    reader.at_ = kKindBytes;
    SHORTLIST_ASSIGN(const auto found, reader.get<std::uint32_t>());
    if (found == 0) return reader.damaged("version 0 does not exist");
    if (found > version) {
        return base::failed_precondition(reader.name_ + ": written in version " + std::to_string(found) +
                                         " of its format, this program reads up to " + std::to_string(version));
    }
    return reader;
}

Status BinaryReader::copy(void* to, std::uint64_t count, std::size_t size) {
    if (count > (bytes_.size() - at_) / size) return damaged("it ends too early");
    const std::size_t length = static_cast<std::size_t>(count) * size;
    if (length > 0) std::memcpy(to, bytes_.data() + at_, length);
    at_ += length;
    return {};
}

Status BinaryReader::finish() const {
    if (at_ != bytes_.size()) return damaged(std::to_string(bytes_.size() - at_) + " bytes too many");
    return {};
}

Error BinaryReader::damaged(std::string_view why) const { return base::data_loss(name_ + ": damaged: " + std::string(why)); }

}  // namespace shortlist::models
