#include "engine/data/state_file.h"

#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

/// A file is the magic, the format, the state, and 16 bytes of digest over all before them.
constexpr std::array<char, 4> kMagic{'s', 'l', 's', 't'};
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kHeadBytes = kMagic.size() + sizeof(kFormat);
constexpr std::size_t kDigestBytes = 16;

using Digest = std::array<char, kDigestBytes>;

class Hasher {
public:
    Hasher() : state_(XXH3_createState(), &XXH3_freeState) { XXH3_128bits_reset(state_.get()); }
    void add(std::string_view bytes) { XXH3_128bits_update(state_.get(), bytes.data(), bytes.size()); }
    [[nodiscard]] Digest digest() const {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
        Digest digest;
        std::memcpy(digest.data(), &canonical, digest.size());
        return digest;
    }

private:
    std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open_file(const std::filesystem::path& path, const char* mode) { return {std::fopen(path.c_str(), mode), &std::fclose}; }

std::string_view head() {
    static const std::string kHead = [] {
        std::string bytes(kMagic.data(), kMagic.size());
        bytes.append(reinterpret_cast<const char*>(&kFormat), sizeof kFormat);
        return bytes;
    }();
    return kHead;
}

Status check_head(const std::filesystem::path& path, std::string_view found) {
    if (found == head()) return {};
    if (!found.starts_with(head().substr(0, kMagic.size()))) return base::data_loss(path.string() + ": not a file of state");
    std::uint32_t format = 0;
    std::memcpy(&format, found.data() + kMagic.size(), sizeof format);
    return base::failed_precondition(path.string() + ": has format " + std::to_string(format) + "; this program reads format " +
                                     std::to_string(kFormat));
}

/// Reads the whole file but its digest, and compares.
Status check_digest(const std::filesystem::path& path, std::FILE* file, std::uint64_t bytes) {
    Hasher hasher;
    std::vector<char> piece(std::size_t{1} << 20);
    for (std::uint64_t left = bytes - kDigestBytes; left > 0;) {
        const std::size_t got = std::fread(piece.data(), 1, std::min<std::uint64_t>(left, piece.size()), file);
        if (got == 0) return disk_error(path, "read");
        hasher.add({piece.data(), got});
        left -= got;
    }
    Digest written;
    if (std::fread(written.data(), 1, written.size(), file) != written.size()) return disk_error(path, "read");
    if (written != hasher.digest()) return base::data_loss(path.string() + ": damaged: its digest is not that of its bytes");
    return {};
}

Status write_file(const std::filesystem::path& path, const WriteState& write) {
    File file = open_file(path, "wb");
    if (!file) return disk_error(path, "create");
    Hasher hasher;
    bool whole = true;
    const auto put = [&](std::string_view bytes) { whole = whole && std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size(); };
    const auto put_hashed = [&](std::string_view bytes) {
        hasher.add(bytes);
        put(bytes);
    };
    put_hashed(head());
    base::ByteWriter writer(put_hashed);
    write(writer);
    writer.flush();
    const Digest digest = hasher.digest();
    put({digest.data(), digest.size()});
    whole = whole && std::fflush(file.get()) == 0;
    if (!whole) return disk_error(path, "write");
    file.reset();
    return sync_path(path);
}

}  // namespace

Status save_state_file(const std::filesystem::path& path, const WriteState& write) {
    SHORTLIST_TRY(make_folder(path.parent_path()));
    auto next = path;
    next += ".next";
    auto written = write_file(next, write);
    if (written) written = rename_synced(next, path);
    std::error_code gone;
    if (!written) std::filesystem::remove(next, gone);
    return written;
}

Result<OpenStateFile> OpenStateFile::open(const std::filesystem::path& path) {
    File file = open_file(path, "rb");
    if (!file) return disk_error(path, "open");
    std::error_code code;
    const std::uint64_t bytes = std::filesystem::file_size(path, code);
    if (code || bytes < kHeadBytes + kDigestBytes) return base::data_loss(path.string() + ": not a file of state");
    std::array<char, kHeadBytes> found;
    if (std::fread(found.data(), 1, found.size(), file.get()) != found.size()) return disk_error(path, "read");
    SHORTLIST_TRY(check_head(path, {found.data(), found.size()}));
    std::rewind(file.get());
    SHORTLIST_TRY(check_digest(path, file.get(), bytes));
    return OpenStateFile(path, std::move(file), bytes - kHeadBytes - kDigestBytes);
}

Status OpenStateFile::read(const ReadState& read) const {
    if (std::fseek(file_.get(), static_cast<long>(kHeadBytes), SEEK_SET) != 0) return disk_error(path_, "read");
    base::ByteReader reader([&](std::span<char> into) { return std::fread(into.data(), 1, into.size(), file_.get()); }, bytes_);
    auto status = read(reader);
    if (status && (!reader.ok() || reader.left() != 0)) status = base::data_loss(path_.string() + ": its state ends too early or too late");
    return status;
}

Status OpenStateFile::read_at(std::uint64_t position, std::span<char> into) const {
    if (position > bytes_ || into.size() > bytes_ - position) return base::data_loss(path_.string() + ": its state ends too early");
    while (!into.empty()) {
        const auto got = pread(fileno(file_.get()), into.data(), into.size(), static_cast<off_t>(kHeadBytes + position));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error(path_, "read");
        if (got == 0) return base::data_loss(path_.string() + ": was cut off");
        into = into.subspan(static_cast<std::size_t>(got));
        position += static_cast<std::uint64_t>(got);
    }
    return {};
}

Status load_state_file(const std::filesystem::path& path, const ReadState& read) {
    SHORTLIST_ASSIGN(const auto file, OpenStateFile::open(path));
    return file.read(read);
}

std::string digest_of_state(const WriteState& write) {
    Hasher hasher;
    base::ByteWriter writer([&](std::string_view bytes) { hasher.add(bytes); });
    write(writer);
    writer.flush();
    const Digest digest = hasher.digest();
    return hex_of({digest.data(), digest.size()});
}

}  // namespace shortlist::data
