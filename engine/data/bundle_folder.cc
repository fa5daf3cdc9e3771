#include "engine/data/bundle_folder.h"

#include <algorithm>
#include <boost/json.hpp>
#include <system_error>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr const char* kManifestName = "manifest.json";
constexpr const char* kCurrent = "current";
constexpr const char* kPrevious = "previous";
constexpr std::string_view kStagingPrefix = ".staging-";
constexpr std::size_t kPathBytesMax = 1024;
constexpr std::size_t kNameBytesMax = 64;

bool is_lower_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || base::is_digit(c); }

bool is_hex_digest(std::string_view text) noexcept {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error bad_name(std::string_view name) {
    return base::invalid_argument("a bundle's name must match [a-z0-9][a-z0-9._-]{0,63}; got '" + base::printable(name) + "'");
}

Error bad_path(std::string_view path) {
    return base::invalid_argument("a file of a bundle must have a relative path of letters, digits, '.', '_' and '-', without '..'; got '" +
                                  base::printable(path) + "'");
}

Error not_a_manifest(std::string_view why) { return base::data_loss("not a bundle's manifest: " + std::string(why)); }

Status read_format(const json::object& root) {
    const auto* format = root.if_contains("format");
    if (format == nullptr || !format->is_int64()) return not_a_manifest("it has no format");
    if (format->get_int64() > kBundleFormat) {
        return base::failed_precondition("the bundle has format " + std::to_string(format->get_int64()) + "; this program reads formats up to " +
                                         std::to_string(kBundleFormat));
    }
    if (format->get_int64() < 1) return not_a_manifest("its format is below 1");
    return {};
}

Result<BundleFile> read_bundle_file(const json::value& value) {
    const auto* object = value.if_object();
    const auto* digest = object != nullptr ? object->if_contains("sha256") : nullptr;
    const auto* bytes = object != nullptr ? object->if_contains("bytes") : nullptr;
    const bool whole = digest != nullptr && digest->is_string() && bytes != nullptr && bytes->is_int64() && bytes->get_int64() >= 0;
    if (!whole) return not_a_manifest("a file has no sha256 or no bytes");
    const std::string_view text = digest->get_string();
    if (!is_hex_digest(text)) return not_a_manifest("a sha256 is not 64 hex digits");
    return BundleFile{std::string(text), static_cast<std::uint64_t>(bytes->get_int64())};
}

Status read_bundle_files(const json::object& root, BundleManifest& manifest) {
    const auto* files = root.if_contains("files");
    if (files == nullptr || !files->is_object()) return not_a_manifest("it has no files");
    if (files->get_object().size() > kBundleFilesMax) return not_a_manifest("it has more than " + std::to_string(kBundleFilesMax) + " files");
    for (const auto& member : files->get_object()) {
        const std::string_view path = member.key();
        if (!is_bundle_path(path) || path == kManifestName) return bad_path(path);
        SHORTLIST_ASSIGN(auto file, read_bundle_file(member.value()));
        manifest.files.emplace(path, std::move(file));
    }
    return {};
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

/// No part of the path from the bundle's folder down is a link.
Status check_not_linked(const fs::path& folder, std::string_view path) {
    fs::path part = folder;
    for (const auto& name : fs::path(path)) {
        part /= name;
        std::error_code code;
        if (fs::is_symlink(fs::symlink_status(part, code))) return base::invalid_argument(part.string() + ": a bundle holds no links");
    }
    return {};
}

Status check_file(const fs::path& folder, std::string_view path, const BundleFile& expected) {
    SHORTLIST_TRY(check_not_linked(folder, path));
    const fs::path file = folder / path;
    std::error_code code;
    if (!fs::is_regular_file(file, code)) return base::data_loss(file.string() + ": named by the manifest, but not there");
    const auto bytes = fs::file_size(file, code);
    if (bytes != expected.bytes) {
        return base::data_loss(file.string() + ": has " + std::to_string(bytes) + " bytes; the manifest says " + std::to_string(expected.bytes));
    }
    SHORTLIST_ASSIGN(const auto digest, sha256_of_file(file));
    if (digest != expected.sha256) return base::data_loss(file.string() + ": its bytes are not those that the manifest was made for");
    return {};
}

Result<BundleManifest> load_manifest(const fs::path& folder, std::string_view name) {
    std::error_code code;
    if (fs::is_symlink(fs::symlink_status(folder, code))) return base::invalid_argument(folder.string() + ": a bundle is a folder, not a link");
    SHORTLIST_TRY(check_not_linked(folder, kManifestName));
    SHORTLIST_ASSIGN(const auto text, read_file(folder / kManifestName, kManifestBytesMax));
    auto manifest = parse_manifest(text);
    if (!manifest) return manifest.error().in((folder / kManifestName).string());
    if (manifest->name != name) return base::data_loss((folder / kManifestName).string() + ": names the bundle '" + manifest->name + "'");
    return manifest;
}

Result<std::string> read_pointer(const fs::path& bundles_folder, const char* pointer) {
    SHORTLIST_ASSIGN(auto name, read_file(bundles_folder / pointer, kNameBytesMax));
    if (!is_bundle_name(name)) return base::data_loss((bundles_folder / pointer).string() + ": does not name a bundle");
    return name;
}

}  // namespace

bool is_bundle_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > kNameBytesMax || !is_lower_or_digit(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [](char c) { return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_bundle_path(std::string_view path) noexcept {
    if (path.empty() || path.size() > kPathBytesMax) return false;
    while (true) {
        const auto end = path.find('/');
        const auto part = path.substr(0, end);
        if (part.empty() || part == "." || part == "..") return false;
        for (const char c : part) {
            if (!base::is_name_character(c) && c != '.') return false;
        }
        if (end == std::string_view::npos) return true;
        path.remove_prefix(end + 1);
    }
}

Result<BundleManifest> parse_manifest(std::string_view text) {
    if (text.size() > kManifestBytesMax) return not_a_manifest("it is larger than " + base::format_bytes(kManifestBytesMax));
    boost::system::error_code code;
    const auto value = json::parse({text.data(), text.size()}, code);
    if (code || !value.is_object()) return not_a_manifest("it is not a JSON object");
    const auto& root = value.get_object();
    SHORTLIST_TRY(read_format(root));
    BundleManifest manifest;
    const auto* name = root.if_contains("name");
    if (name == nullptr || !name->is_string()) return not_a_manifest("it has no name");
    manifest.name = view(name->get_string());
    if (!is_bundle_name(manifest.name)) return bad_name(manifest.name);
    SHORTLIST_TRY(read_bundle_files(root, manifest));
    const auto* sections = root.if_contains("sections");
    if (sections == nullptr || !sections->is_object()) return not_a_manifest("it has no sections");
    for (const auto& section : sections->get_object()) manifest.sections.emplace(section.key(), json::serialize(section.value()));
    return manifest;
}

std::string format_manifest(const BundleManifest& manifest) {
    json::object files;
    for (const auto& [path, file] : manifest.files) files[path] = json::object{{"sha256", file.sha256}, {"bytes", file.bytes}};
    json::object sections;
    for (const auto& [name, section] : manifest.sections) sections[name] = json::parse(section);
    const json::object root{{"format", kBundleFormat}, {"name", manifest.name}, {"files", std::move(files)}, {"sections", std::move(sections)}};
    return json::serialize(root) + "\n";
}

Result<fs::path> Bundle::file(std::string_view path) const {
    if (manifest.files.contains(std::string(path))) return folder / path;
    std::vector<std::string> names;
    names.reserve(manifest.files.size());
    for (const auto& [name, entry] : manifest.files) names.push_back(name);
    return base::not_found("bundle " + manifest.name + " has no file '" + base::printable(path) + "'; it has " +
                           base::printable(base::join(names), 1000));
}

BundleDraft::BundleDraft(fs::path bundles_folder, fs::path staging, BundleManifest manifest)
    : bundles_folder_(std::move(bundles_folder)), staging_(std::move(staging)), manifest_(std::move(manifest)) {}

BundleDraft::BundleDraft(BundleDraft&& other) noexcept
    : bundles_folder_(std::move(other.bundles_folder_)), staging_(std::exchange(other.staging_, {})), manifest_(std::move(other.manifest_)) {}

BundleDraft::~BundleDraft() {
    std::error_code code;
    if (!staging_.empty()) fs::remove_all(staging_, code);
}

Result<BundleDraft> BundleDraft::create(const fs::path& bundles_folder, std::string name) {
    if (!is_bundle_name(name) || name == kCurrent || name == kPrevious) return bad_name(name);
    std::error_code code;
    if (fs::exists(bundles_folder / name, code)) {
        return Error{ErrorCode::AlreadyExists, "there is a bundle '" + name + "' already; bundles do not change"};
    }
    const fs::path staging = bundles_folder / (std::string(kStagingPrefix) + name);
    fs::remove_all(staging, code);
    SHORTLIST_TRY(make_folder(staging));
    BundleManifest manifest;
    manifest.name = std::move(name);
    return BundleDraft(bundles_folder, staging, std::move(manifest));
}

Result<fs::path> BundleDraft::add_file(std::string_view path) {
    if (!is_bundle_path(path) || path == kManifestName) return bad_path(path);
    const fs::path file = staging_ / path;
    SHORTLIST_TRY(make_folder(file.parent_path()));
    manifest_.files.try_emplace(std::string(path));
    return file;
}

Status BundleDraft::write_file(std::string_view path, std::string_view bytes) {
    SHORTLIST_ASSIGN(const auto file, add_file(path));
    return write_file_synced(file, bytes);
}

Status BundleDraft::set_section(std::string_view name, std::string_view text) {
    boost::system::error_code code;
    const auto value = json::parse({text.data(), text.size()}, code);
    if (code) return base::invalid_argument("section '" + base::printable(name) + "' of a manifest must be a JSON value: " + code.message());
    manifest_.sections[std::string(name)] = json::serialize(value);
    return {};
}

Result<Bundle> BundleDraft::commit() && {
    for (auto& [path, file] : manifest_.files) {
        SHORTLIST_ASSIGN(file.sha256, sha256_of_file(staging_ / path));
        std::error_code code;
        file.bytes = fs::file_size(staging_ / path, code);
        SHORTLIST_TRY(sync_path(staging_ / path));
        SHORTLIST_TRY(sync_path((staging_ / path).parent_path()));
    }
    SHORTLIST_TRY(write_file_synced(staging_ / kManifestName, format_manifest(manifest_)));
    SHORTLIST_TRY(sync_path(staging_));
    const fs::path folder = bundles_folder_ / manifest_.name;
    std::error_code code;
    if (fs::exists(folder, code)) return Error{ErrorCode::AlreadyExists, "there is a bundle '" + manifest_.name + "' already; bundles do not change"};
    SHORTLIST_TRY(rename_synced(staging_, folder));
    return Bundle{folder, std::move(manifest_)};
}

Result<std::vector<BundleEntry>> list_bundles(const fs::path& bundles_folder) {
    std::vector<BundleEntry> entries;
    const std::string current = read_pointer(bundles_folder, kCurrent).value_or("");
    std::error_code code;
    for (const auto& item : fs::directory_iterator(bundles_folder, code)) {
        BundleEntry entry;
        entry.name = item.path().filename().string();
        if (!is_bundle_name(entry.name) || !item.is_directory(code)) continue;
        entry.current = entry.name == current;
        auto manifest = load_manifest(item.path(), entry.name);
        if (manifest)
            entry.manifest = std::move(manifest).value();
        else
            entry.problem = manifest.error().message;
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const BundleEntry& a, const BundleEntry& b) { return a.name < b.name; });
    return entries;
}

Result<Bundle> open_bundle(const fs::path& bundles_folder, std::string_view name) {
    if (!is_bundle_name(name)) return bad_name(name);
    const fs::path folder = bundles_folder / name;
    std::error_code code;
    if (!fs::exists(fs::symlink_status(folder, code))) {
        SHORTLIST_ASSIGN(const auto entries, list_bundles(bundles_folder));
        std::vector<std::string> names;
        names.reserve(entries.size());
        for (const auto& entry : entries) names.push_back(entry.name);
        const auto near = base::nearest(name, names);
        return base::not_found("there is no bundle '" + std::string(name) + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    SHORTLIST_ASSIGN(auto manifest, load_manifest(folder, name));
    for (const auto& [path, file] : manifest.files) SHORTLIST_TRY(check_file(folder, path, file));
    return Bundle{folder, std::move(manifest)};
}

Result<std::string> current_bundle(const fs::path& bundles_folder) {
    auto name = read_pointer(bundles_folder, kCurrent);
    if (!name && name.error().code == ErrorCode::NotFound) {
        return base::failed_precondition("no bundle is in force yet: run `shortlist train` first");
    }
    return name;
}

Result<Bundle> open_current_bundle(const fs::path& bundles_folder) {
    SHORTLIST_ASSIGN(const auto name, current_bundle(bundles_folder));
    return open_bundle(bundles_folder, name);
}

Status promote_bundle(const fs::path& bundles_folder, std::string_view name) {
    SHORTLIST_TRY(open_bundle(bundles_folder, name));
    const auto before = read_pointer(bundles_folder, kCurrent);
    if (before && *before == name) return {};
    if (before) SHORTLIST_TRY(replace_file(bundles_folder / kPrevious, *before));
    return replace_file(bundles_folder / kCurrent, name);
}

Result<std::string> rollback_bundle(const fs::path& bundles_folder) {
    auto before = read_pointer(bundles_folder, kPrevious);
    if (!before && before.error().code == ErrorCode::NotFound) {
        return base::failed_precondition("there is no bundle before the current one to go back to");
    }
    if (!before) return std::move(before).error();
    SHORTLIST_TRY(promote_bundle(bundles_folder, *before));
    return before;
}

}  // namespace shortlist::data
