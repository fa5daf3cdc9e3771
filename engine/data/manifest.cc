#include <boost/json/parse.hpp>

#include "engine/data/files_internal.h"
#include "engine/data/manifest_internal.h"

namespace shortlist::data {

Result<boost::json::value> read_manifest(const std::filesystem::path& path, std::size_t bytes_max, int newest_format) {
    SHORTLIST_ASSIGN(const auto text, read_file(path, bytes_max));
    boost::system::error_code code;
    auto value = boost::json::parse(text, code);
    if (code || !value.is_object()) return base::data_loss(path.string() + ": not a manifest");
    const auto* format = value.get_object().if_contains("format");
    if (format != nullptr && format->is_int64() && format->get_int64() > newest_format) {
        return base::failed_precondition(path.string() + ": has format " + std::to_string(format->get_int64()) +
                                         "; this program reads formats up to " + std::to_string(newest_format));
    }
    return value;
}

}  // namespace shortlist::data
