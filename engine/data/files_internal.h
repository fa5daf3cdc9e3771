/// Small files and folders on a local disk, written so that they survive the loss of power. Private to engine/data.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace shortlist::data {

/// The error of a system call that has just failed, by errno: NotFound where there is no such path, else Unavailable.
[[nodiscard]] Error disk_error(const std::filesystem::path& path, std::string_view doing);

/// The bytes of a file. Errors: NotFound, ResourceExhausted past `bytes_max`, Unavailable.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);
/// Writes and syncs a file. Errors: Unavailable.
[[nodiscard]] Status write_file_synced(const std::filesystem::path& path, std::string_view bytes);
/// Replaces a file by one rename, synced: readers see the old bytes or the new ones. Errors: Unavailable.
[[nodiscard]] Status replace_file(const std::filesystem::path& path, std::string_view bytes);
/// Syncs a file's bytes, or a folder's list of names. Errors: Unavailable.
[[nodiscard]] Status sync_path(const std::filesystem::path& path);
/// Creates a folder and its parents. Errors: Unavailable.
[[nodiscard]] Status make_folder(const std::filesystem::path& path);
/// Removes a folder, if it is there, with all in it. Errors: Unavailable.
[[nodiscard]] Status remove_folder(const std::filesystem::path& path);
/// Removes a file, if it is there, so that it does not come back. Errors: Unavailable.
[[nodiscard]] Status remove_file_synced(const std::filesystem::path& path);
/// Renames a folder, syncing the folder that holds it. Errors: Unavailable.
[[nodiscard]] Status rename_synced(const std::filesystem::path& from, const std::filesystem::path& to);

/// Two digits a byte, in lower case.
[[nodiscard]] std::string hex_of(std::string_view bytes);
/// SHA-256 in hex of text; of a file, read in pieces. Errors: NotFound, Unavailable.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace shortlist::data
