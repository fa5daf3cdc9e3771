/// A folder that a test has for itself. Private to the tests of engine/data.
#pragma once

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

namespace shortlist::data {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "shortlist-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code code;
        std::filesystem::remove_all(path_, code);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    void write(const std::filesystem::path& name, std::string_view bytes) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
    }
    [[nodiscard]] std::string read(const std::filesystem::path& name) const {
        std::ifstream in(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    /// The bytes of every file under `name`, by path from there.
    [[nodiscard]] std::map<std::string, std::string> contents(const std::filesystem::path& name) const {
        std::map<std::string, std::string> files;
        if (!std::filesystem::exists(path_ / name)) return files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path_ / name)) {
            if (entry.is_regular_file()) files[entry.path().lexically_relative(path_).string()] = read(entry.path().lexically_relative(path_));
        }
        return files;
    }

private:
    std::filesystem::path path_;
};

}  // namespace shortlist::data
