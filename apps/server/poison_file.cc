#include "apps/server/poison_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "apps/server/json_text.h"

namespace shortlist::server {

namespace {

constexpr std::size_t kValueBytes = 1024;

Error disk_error(const std::filesystem::path& path) {
    return base::unavailable("cannot write " + path.string() + ": " + std::generic_category().message(errno));
}

}  // namespace

PoisonFile::~PoisonFile() {
    if (file_ >= 0) ::close(file_);
}

void PoisonFile::add(const kafka::Message& message, const MessageFault& fault) {
    if (bytes_ + waiting_.size() >= kBytesMax) return;
    std::string& out = waiting_;
    const auto field = [&out](std::string_view name, const auto& value) {
        out += out.empty() || out.back() == '\n' ? "{\"" : ",\"";
        out += name;
        out += "\":";
        append_json(out, value);
    };
    field("topic", std::string_view(message.partition.topic));
    field("partition", std::int64_t{message.partition.number});
    field("offset", message.offset);
    field("reason", std::string_view(fault.reason));
    field("field", std::string_view(fault.field));
    field("value", message.value.substr(0, std::min(message.value.size(), kValueBytes)));
    out += "}\n";
}

Status PoisonFile::open() {
    std::error_code code;
    std::filesystem::create_directories(path_.parent_path(), code);
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    struct stat facts {};
    if (file_ < 0 || ::fstat(file_, &facts) != 0) return disk_error(path_);
    bytes_ = static_cast<std::uint64_t>(facts.st_size);
    return {};
}

Status PoisonFile::flush() {
    if (waiting_.empty()) return {};
    if (file_ < 0) SHORTLIST_TRY(open());
    while (!waiting_.empty()) {
        const auto written = ::write(file_, waiting_.data(), waiting_.size());
        if (written < 0) return disk_error(path_);
        bytes_ += static_cast<std::uint64_t>(written);
        waiting_.erase(0, static_cast<std::size_t>(written));
    }
    if (::fdatasync(file_) != 0) return disk_error(path_);
    return {};
}

}  // namespace shortlist::server
