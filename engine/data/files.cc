#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <vector>

#include "engine/base/text.h"
#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

/// An open file that closes itself.
class File {
public:
    File(const std::filesystem::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
    void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    [[nodiscard]] std::string hex() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
        return hex_of({reinterpret_cast<const char*>(digest.data()), size});
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// Calls `take` with the file's bytes in pieces.
template <class Take>
Status read_pieces(const std::filesystem::path& path, Take take) {
    const File file(path, O_RDONLY);
    if (file.get() < 0) return disk_error(path, "open");
    std::vector<char> piece(std::size_t{1} << 20);
    while (true) {
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error(path, "read");
        if (got == 0) return {};
        SHORTLIST_TRY(take(std::string_view(piece.data(), static_cast<std::size_t>(got))));
    }
}

}  // namespace

Error disk_error(const std::filesystem::path& path, std::string_view doing) {
    const int code = errno;
    const std::string message = path.string() + ": cannot " + std::string(doing) + ": " + std::strerror(code);
    return code == ENOENT ? base::not_found(message) : base::unavailable(message);
}

std::string hex_of(std::string_view bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += kDigits[static_cast<unsigned char>(byte) >> 4U];
        text += kDigits[static_cast<unsigned char>(byte) & 15U];
    }
    return text;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    std::string bytes;
    SHORTLIST_TRY(read_pieces(path, [&](std::string_view piece) -> Status {
        if (bytes.size() + piece.size() > bytes_max) {
            return base::resource_exhausted(path.string() + ": larger than the " + base::format_bytes(bytes_max) + " allowed");
        }
        bytes += piece;
        return {};
    }));
    return bytes;
}

Status write_file_synced(const std::filesystem::path& path, std::string_view bytes) {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0) return disk_error(path, "create");
    while (!bytes.empty()) {
        const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return disk_error(path, "write");
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(file.get()) != 0) return disk_error(path, "sync");
    return {};
}

Status replace_file(const std::filesystem::path& path, std::string_view bytes) {
    auto next = path;
    next += ".next";
    SHORTLIST_TRY(write_file_synced(next, bytes));
    return rename_synced(next, path);
}

Status sync_path(const std::filesystem::path& path) {
    const File file(path, O_RDONLY);
    if (file.get() < 0) return disk_error(path, "open");
    if (::fsync(file.get()) != 0) return disk_error(path, "sync");
    return {};
}

Status make_folder(const std::filesystem::path& path) {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) return base::unavailable(path.string() + ": cannot create the folder: " + code.message());
    return {};
}

Status remove_folder(const std::filesystem::path& path) {
    std::error_code code;
    std::filesystem::remove_all(path, code);
    return code ? Status(base::unavailable(path.string() + ": cannot be removed: " + code.message())) : Status();
}

Status remove_file_synced(const std::filesystem::path& path) {
    std::error_code code;
    std::filesystem::remove(path, code);
    if (code) return base::unavailable("cannot remove '" + path.string() + "': " + code.message());
    return sync_path(path.parent_path());
}

Status rename_synced(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code code;
    std::filesystem::rename(from, to, code);
    if (code) return base::unavailable(from.string() + ": cannot rename to " + to.filename().string() + ": " + code.message());
    return sync_path(to.parent_path());
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 digest;
    digest.add(bytes);
    return digest.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
    Sha256 digest;
    SHORTLIST_TRY(read_pieces(path, [&](std::string_view piece) -> Status {
        digest.add(piece);
        return {};
    }));
    return digest.hex();
}

}  // namespace shortlist::data
