/// Bundles as folders: a manifest with the digest of every file, written whole or not at all, checked whole before use.
///
///     bundles/<name>/manifest.json   {"format": 1, "name": ..., "files": {"models/taste.bin": {"sha256": ..., "bytes": ...}}, "sections": {...}}
///     bundles/current                name of the bundle in force, replaced by one rename
///     bundles/previous               the one before
/// What the files hold is the business of the modules that wrote them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace shortlist::data {

inline constexpr int kBundleFormat = 1;
inline constexpr std::size_t kManifestBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kBundleFilesMax = 4096;

struct BundleFile {
    std::string sha256;  ///< 64 hex digits.
    std::uint64_t bytes = 0;
    friend bool operator==(const BundleFile&, const BundleFile&) = default;
};

struct BundleManifest {
    std::string name;
    std::map<std::string, BundleFile> files;      ///< By path from the bundle's folder, parts separated by '/'.
    std::map<std::string, std::string> sections;  ///< Each a JSON value as text: project, data, metrics, libraries, cpu.
    friend bool operator==(const BundleManifest&, const BundleManifest&) = default;
};

/// True for `[a-z0-9][a-z0-9._-]{0,63}`.
[[nodiscard]] bool is_bundle_name(std::string_view name) noexcept;
/// True for a relative path of at most 1024 bytes whose parts are letters, digits, `.`, `_`, `-` and none of which is `.`, `..` or empty.
[[nodiscard]] bool is_bundle_path(std::string_view path) noexcept;

/// Reads a manifest and checks every name, path, digest and size in it.
/// Errors: DataLoss (not a manifest), FailedPrecondition (a newer format), InvalidArgument (a hostile name or path).
[[nodiscard]] Result<BundleManifest> parse_manifest(std::string_view json);
/// The bytes of a manifest; parse_manifest() reads them back.
[[nodiscard]] std::string format_manifest(const BundleManifest& manifest);

/// A bundle on disk whose every file was found to be what its manifest says.
struct Bundle {
    std::filesystem::path folder;
    BundleManifest manifest;

    /// The path of a file of the manifest. Errors: NotFound, naming the files there are.
    [[nodiscard]] Result<std::filesystem::path> file(std::string_view path) const;
};

/// A bundle in the making: a folder beside the others that nothing reads. One thread. Thrown away unless committed.
class BundleDraft {
public:
    /// Errors: InvalidArgument (name), AlreadyExists, Unavailable (disk).
    [[nodiscard]] static Result<BundleDraft> create(const std::filesystem::path& bundles_folder, std::string name);
    BundleDraft(BundleDraft&& other) noexcept;
    BundleDraft& operator=(BundleDraft&&) = delete;
    ~BundleDraft();

    /// Where to write the file called `path`; its folders are made. It belongs to the bundle from now on.
    /// Errors: InvalidArgument (path), Unavailable.
    [[nodiscard]] Result<std::filesystem::path> add_file(std::string_view path);
    /// add_file() and its bytes.
    [[nodiscard]] Status write_file(std::string_view path, std::string_view bytes);
    /// Free-form part of the manifest. Errors: InvalidArgument where `json` is not a JSON value.
    [[nodiscard]] Status set_section(std::string_view name, std::string_view json);

    /// Takes digests, writes the manifest, syncs everything and renames the folder into place. Does not promote.
    /// Errors: NotFound (an added file was not written), AlreadyExists, Unavailable.
    [[nodiscard]] Result<Bundle> commit() &&;

private:
    BundleDraft(std::filesystem::path bundles_folder, std::filesystem::path staging, BundleManifest manifest);
    std::filesystem::path bundles_folder_;
    std::filesystem::path staging_;  ///< Empty once moved from; once committed, no longer there.
    BundleManifest manifest_;
};

struct BundleEntry {
    std::string name;
    bool current = false;
    std::optional<BundleManifest> manifest;  ///< Absent where it does not read.
    std::string problem;                     ///< Why not.
};

/// All bundles by name. Reads manifests, not files.
[[nodiscard]] Result<std::vector<BundleEntry>> list_bundles(const std::filesystem::path& bundles_folder);

/// Opens the bundle called `name` and checks every file against its manifest. Cost: reads all of it.
/// Errors: NotFound, DataLoss naming the file, FailedPrecondition (newer format), InvalidArgument (hostile name, path or link).
[[nodiscard]] Result<Bundle> open_bundle(const std::filesystem::path& bundles_folder, std::string_view name);
/// Name of the bundle in force. Errors: FailedPrecondition where there is none yet.
[[nodiscard]] Result<std::string> current_bundle(const std::filesystem::path& bundles_folder);
/// Opens that bundle. Errors: as current_bundle() and open_bundle().
[[nodiscard]] Result<Bundle> open_current_bundle(const std::filesystem::path& bundles_folder);
/// Opens the bundle, checks it, and puts it in force by one rename. The one before is kept for rollback().
[[nodiscard]] Status promote_bundle(const std::filesystem::path& bundles_folder, std::string_view name);
/// Puts the bundle before the current one in force, and returns its name. Errors: FailedPrecondition where there is none.
[[nodiscard]] Result<std::string> rollback_bundle(const std::filesystem::path& bundles_folder);

}  // namespace shortlist::data
