/// What tests of model files share: a temporary file, and ways to damage it.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "engine/base/result.h"

namespace shortlist::models {

/// A path of its own in the temporary folder; the file is removed at the end.
class TemporaryFile {
public:
    TemporaryFile() {
        static std::atomic<int> next{0};
        path_ = std::filesystem::temp_directory_path() / ("shortlist_model_" + std::to_string(getpid()) + "_" + std::to_string(next++));
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string read() const {
        std::ifstream in(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    void write(const std::string& bytes) const {
        std::ofstream out(path_, std::ios::binary | std::ios::trunc);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    template <class T>
    void overwrite(std::size_t at, T value) const {
        std::string bytes = read();
        ASSERT_LE(at + sizeof(T), bytes.size());
        std::memcpy(bytes.data() + at, &value, sizeof(T));
        write(bytes);
    }

private:
    std::filesystem::path path_;
};

template <class T>
[[nodiscard]] std::optional<ErrorCode> error_of(const Result<T>& result) {
    if (result) return std::nullopt;
    return result.error().code;
}

/// The file as it is loads; cut anywhere, or with a byte more, it is DataLoss.
template <class Load>
void expect_refused_unless_whole(const TemporaryFile& file, Load load) {
    const std::string whole = file.read();
    ASSERT_EQ(load(), std::nullopt);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        file.write(whole.substr(0, size));
        ASSERT_EQ(load(), ErrorCode::DataLoss) << size << " of " << whole.size() << " bytes";
    }
    file.write(whole + '\0');
    ASSERT_EQ(load(), ErrorCode::DataLoss);
}

}  // namespace shortlist::models
