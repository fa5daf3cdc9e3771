#include <string>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"

namespace shortlist::data {

Error arrow_error(const arrow::Status& status, std::string_view path) {
    const std::string message = std::string(path) + ": " + base::printable(status.message(), 400);
    if (status.IsIOError()) return base::unavailable(message);
    if (status.IsOutOfMemory()) return base::resource_exhausted(message);
    if (status.IsKeyError()) return base::not_found(message);
    return base::data_loss(message);
}

}  // namespace shortlist::data
