/// Where messages go that cannot be used: a line of JSON each, behind the others, so that nothing stops and nothing vanishes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "apps/server/message.h"
#include "engine/base/result.h"
#include "engine/kafka/consumer.h"

namespace shortlist::server {

/// One thread at a time.
class PoisonFile {
public:
    /// Bytes past which the file does not grow: what comes then is counted only.
    static constexpr std::uint64_t kBytesMax = std::uint64_t{256} << 20;

    /// The file and its folder come with the first line.
    explicit PoisonFile(std::filesystem::path path) : path_(std::move(path)) {}
    ~PoisonFile();
    PoisonFile(const PoisonFile&) = delete;
    PoisonFile& operator=(const PoisonFile&) = delete;

    /// {"topic", "partition", "offset", "reason", "field", "value"}: of the value the first kilobyte, what is not UTF-8 replaced.
    void add(const kafka::Message& message, const MessageFault& fault);
    /// Returns when what was added survives the loss of power. Errors: Unavailable; what was added is then still to be written.
    [[nodiscard]] Status flush();

private:
    [[nodiscard]] Status open();

    std::filesystem::path path_;
    int file_ = -1;
    std::uint64_t bytes_ = 0;
    std::string waiting_;
};

}  // namespace shortlist::server
