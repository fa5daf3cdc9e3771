#include <string>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"

namespace shortlist::data {

namespace {

// Parquet's reader calls what it cannot make sense of an IOError, too; what the system refused has its errno with it, what is read from afar need
// not.
bool is_of_disk_or_network(const arrow::Status& status, std::string_view path) {
    return status.IsIOError() && (status.detail() != nullptr || path.find("://") != std::string_view::npos);
}

}  // namespace

Error arrow_error(const arrow::Status& status, std::string_view path) {
    const std::string message = std::string(path) + ": " + base::printable(status.message(), 400);
    if (is_of_disk_or_network(status, path)) return base::unavailable(message);
    if (status.IsOutOfMemory()) return base::resource_exhausted(message);
    if (status.IsKeyError()) return base::not_found(message);
    return base::data_loss(message);
}

}  // namespace shortlist::data
