#include "engine/data/arrow/reader.h"

#include <arrow/api.h>
#include <arrow/filesystem/localfs.h>
#include <arrow/io/compressed.h>
#include <arrow/util/compression.h>
#include <dlfcn.h>
#include <fnmatch.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {

namespace {

constexpr std::string_view kS3Scheme = "s3://";

bool is_s3(std::string_view path) { return path.starts_with(kS3Scheme); }

/// Arrow keeps S3 in a library of its own beside its main one; it is loaded when the first s3:// address is met.
arrow::Status load_s3() {
    static std::once_flag once;
    static arrow::Status status;
    std::call_once(once, [] {
        Dl_info info{};
        const auto* symbol = reinterpret_cast<const void*>(&arrow::fs::LoadFileSystemFactories);
        if (dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) {
            status = arrow::Status::IOError("cannot find Arrow's library on disk");
            return;
        }
        const auto main_library = std::filesystem::path(info.dli_fname);
        auto name = main_library.filename().string();
        name.replace(0, std::string_view("libarrow").size(), "libarrow_s3");
        status = arrow::fs::LoadFileSystemFactories((main_library.parent_path() / name).c_str());
    });
    return status;
}

/// S3 has threads that must be gone before its static objects are. What is registered last runs first at exit, so this is called
/// once those objects are there: when the first file system was made.
void finalize_s3_at_exit() {
    static std::once_flag once;
    std::call_once(once, [] { std::atexit([] { arrow::fs::EnsureFinalized(); }); });
}

Result<FileFormat> format_of(const TableSource& source) {
    if (source.format != FileFormat::Auto) return source.format;
    std::string_view name = source.path;
    if (name.ends_with(".gz")) name.remove_suffix(3);
    if (name.ends_with(".parquet") || name.ends_with(".pq")) return FileFormat::Parquet;
    if (name.ends_with(".csv") || name.ends_with(".tsv")) return FileFormat::Csv;
    if (name.ends_with(".ndjson") || name.ends_with(".jsonl") || name.ends_with(".json")) return FileFormat::Ndjson;
    return base::invalid_argument(source.path + ": its name does not tell its format; say format: parquet, csv, ndjson, gorse or metarank");
}

bool has_wildcard(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

/// The files in the folder whose names match `pattern`; those of a folder given whole leave out names that begin with _ or a dot.
Result<std::vector<std::string>> list_files(const Place& folder, const std::string& pattern, const std::string& asked) {
    arrow::fs::FileSelector selector;
    selector.base_dir = folder.path;
    SHORTLIST_ARROW_ASSIGN(asked, const auto entries, folder.system->GetFileInfo(selector));
    std::vector<std::string> files;
    for (const auto& entry : entries) {
        const std::string name = entry.base_name();
        const bool hidden = name.starts_with("_") || name.starts_with(".");
        if (entry.type() != arrow::fs::FileType::File || hidden || fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) != 0) continue;
        files.push_back(is_s3(asked) ? std::string(kS3Scheme) + entry.path() : entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) return base::not_found(asked + ": no file matches");
    return files;
}

template <class Value>
Result<Value> damage_where_refused(Result<Value> read) {
    if (!read && read.error().code == ErrorCode::InvalidArgument) return base::data_loss(read.error().message);
    return read;
}

class OwnTable final : public TableReader {
public:
    explicit OwnTable(std::unique_ptr<TableReader> file) : file_(std::move(file)) {}
    Result<std::optional<TableBatch>> next() override { return damage_where_refused(file_->next()); }

private:
    std::unique_ptr<TableReader> file_;
};

}  // namespace

double TextStream::progress() const {
    const auto position = raw->Tell();
    return size > 0 && position.ok() ? std::min(1.0, static_cast<double>(*position) / static_cast<double>(size)) : 1.0;
}

Result<Place> find_place(const std::string& path) {
    Place place;
    if (!is_s3(path)) {
        place.system = std::make_shared<arrow::fs::LocalFileSystem>();
        place.path = path;
        return place;
    }
    SHORTLIST_ARROW("s3", load_s3());
    SHORTLIST_ARROW_ASSIGN(path, place.system, arrow::fs::FileSystemFromUri(path, &place.path));
    finalize_s3_at_exit();
    return place;
}

Result<TextStream> open_text(const std::string& path) {
    SHORTLIST_ASSIGN(const Place place, find_place(path));
    SHORTLIST_ARROW_ASSIGN(path, auto file, place.system->OpenInputFile(place.path));
    TextStream stream;
    SHORTLIST_ARROW_ASSIGN(path, stream.size, file->GetSize());
    stream.raw = std::move(file);
    stream.bytes = stream.raw;
    if (path.ends_with(".gz")) {
        SHORTLIST_ARROW_ASSIGN(path, const std::shared_ptr<arrow::util::Codec> codec, arrow::util::Codec::Create(arrow::Compression::GZIP));
        SHORTLIST_ARROW_ASSIGN(path, stream.bytes, arrow::io::CompressedInputStream::Make(codec.get(), stream.raw));
    }
    return stream;
}

Result<std::vector<int>> find_columns(const std::string& path, const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) == names.begin() + static_cast<std::ptrdiff_t>(i))
            continue;
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), names[i]) != wanted.end()) {
            return base::invalid_argument(path + ": column '" + base::printable(names[i]) + "' stands twice");
        }
    }
    std::vector<int> positions;
    for (const auto& name : wanted.empty() ? names : wanted) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            const auto near = base::nearest(name, names);
            return base::invalid_argument(path + ": there is no column '" + base::printable(name) + "'; there are " +
                                          base::printable(base::join(names), 1000) + (near.empty() ? "" : "; did you mean '" + near + "'?"));
        }
        positions.push_back(static_cast<int>(found - names.begin()));
    }
    return positions;
}

Result<std::unique_ptr<TableReader>> open_table(const TableSource& source) {
    SHORTLIST_ASSIGN(const FileFormat format, format_of(source));
    switch (format) {
        case FileFormat::Parquet: return open_parquet(source);
        case FileFormat::Csv: return open_csv(source);
        default: return open_objects(source);
    }
}

Result<std::unique_ptr<TableReader>> open_own_table(const std::filesystem::path& path, std::vector<std::string> columns) {
    SHORTLIST_ASSIGN(auto reader, damage_where_refused(open_parquet({path.string(), FileFormat::Parquet, std::move(columns)})));
    return std::unique_ptr<TableReader>(std::make_unique<OwnTable>(std::move(reader)));
}

Result<std::vector<std::string>> column_names(const TableSource& source) {
    SHORTLIST_ASSIGN(const FileFormat format, format_of(source));
    switch (format) {
        case FileFormat::Parquet: return parquet_column_names(source);
        case FileFormat::Csv: return csv_column_names(source);
        default: return object_column_names(source);
    }
}

Result<std::vector<std::string>> expand_path(const std::string& pattern, const std::filesystem::path& folder) {
    const std::string asked = is_s3(pattern) ? pattern : (folder / pattern).lexically_normal().string();
    const auto slash = asked.rfind('/');
    const std::string last = asked.substr(slash + 1);
    if (has_wildcard(asked.substr(0, slash + 1))) return base::invalid_argument(pattern + ": * and ? may stand in the last part of a path only");
    if (has_wildcard(last)) {
        SHORTLIST_ASSIGN(const Place place, find_place(slash == std::string::npos ? "." : asked.substr(0, slash)));
        return list_files(place, last, asked);
    }
    SHORTLIST_ASSIGN(const Place place, find_place(asked));
    SHORTLIST_ARROW_ASSIGN(asked, const auto info, place.system->GetFileInfo(place.path));
    if (info.type() == arrow::fs::FileType::NotFound) return base::not_found(asked + ": no such file");
    if (info.type() == arrow::fs::FileType::Directory) return list_files(place, "*", asked);
    return std::vector<std::string>{asked};
}

}  // namespace shortlist::data
