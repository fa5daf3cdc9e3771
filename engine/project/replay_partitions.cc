#include "engine/project/replay_partitions.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <unistd.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/processes.h"
#include "engine/base/text.h"
#include "engine/data/arrow/batch_file.h"

namespace shortlist::project {

namespace {

constexpr std::string_view kFolderPrefix = ".replay-";

// Where the processes of one replay hand each other files; gone when it is.
class Exchange {
public:
    static Result<Exchange> create(const std::filesystem::path& project) {
        sweep(project);
        Exchange exchange(project / (std::string(kFolderPrefix) + std::to_string(::getpid())));
        std::error_code code;
        std::filesystem::create_directories(exchange.folder_, code);
        if (code) return base::unavailable(exchange.folder_.string() + ": " + code.message());
        return exchange;
    }
    Exchange(Exchange&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
    Exchange& operator=(Exchange&&) = delete;
    ~Exchange() {
        std::error_code code;
        if (!folder_.empty()) std::filesystem::remove_all(folder_, code);
    }

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

private:
    explicit Exchange(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Removes what processes left that are no more.
    static void sweep(const std::filesystem::path& project) {
        std::error_code code;
        for (const auto& entry : std::filesystem::directory_iterator(project, code)) {
            const std::string name = entry.path().filename().string();
            if (!name.starts_with(kFolderPrefix)) continue;
            pid_t process = 0;
            const char* end = name.data() + name.size();
            const auto read = std::from_chars(name.data() + kFolderPrefix.size(), end, process);
            const bool ours = read.ec == std::errc() && read.ptr == end && process > 0;
            if (ours && ::kill(process, 0) != 0 && errno == ESRCH) std::filesystem::remove_all(entry.path(), code);
        }
    }

    std::filesystem::path folder_;
};

std::filesystem::path file_of(const std::filesystem::path& folder, std::string_view what, std::uint32_t partition) {
    return folder / (std::string(what) + "-" + std::to_string(partition) + ".arrow");
}

constexpr std::string_view kSum = "sum.arrow";

// What a process said: its document, or the error in it.
Result<boost::json::object> document_of(const std::filesystem::path& path, int exit_code) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    boost::system::error_code code;
    auto document = boost::json::parse(text, code);
    if (code || !document.is_object()) {
        return base::unavailable("a process of the replay ended with exit code " + std::to_string(exit_code) + " and said nothing that can be read");
    }
    if (exit_code == 0) return std::move(document.as_object());
    const auto* error = document.as_object().if_contains("error");
    const auto* message = error != nullptr && error->is_object() ? error->as_object().if_contains("message") : nullptr;
    const std::string said = message != nullptr && message->is_string() ? std::string(message->as_string()) : text;
    return Error{base::code_of_exit(exit_code), said};
}

std::uint64_t number_in(const boost::json::object& document, std::string_view name) {
    const auto* found = document.if_contains(name);
    boost::system::error_code code;
    return found == nullptr ? 0 : found->to_number<std::uint64_t>(code);
}

// One replay by several processes.
class Partitions {
public:
    Partitions(const Project& project, const ReplayOptions& options, const ReplayPin& pin, const RunContext& run,
               const std::filesystem::path& program)
        : project_(project), options_(options), pin_(pin), run_(run), program_(program) {}

    Result<PartitionedRows> run_in(const std::filesystem::path& folder) {
        SHORTLIST_TRY(run_step("gather", folder));
        SHORTLIST_TRY(sum(folder));
        SHORTLIST_TRY(run_step("rows", folder));
        PartitionedRows out;
        out.counts = counts_;
        SHORTLIST_ASSIGN(out.rows, join(folder));
        return out;
    }

private:
    Status run_step(const std::string& step, const std::filesystem::path& folder) {
        const auto at_once = std::min<std::size_t>(run_.pool.size(), options_.partitions);
        std::vector<base::ProcessCall> calls;
        for (std::uint32_t p = 0; p < options_.partitions; ++p) {
            std::vector<std::string> arguments{"replay-step", "--json", "--project", (project_.folder / project_.file).string()};
            const auto add = [&arguments](const std::string& flag, const std::string& value) { arguments.insert(arguments.end(), {flag, value}); };
            add("--step", step);
            add("--rows", options_.rows == ReplayRows::Ranker ? "ranker" : "impressions");
            add("--files", folder.string());
            add("--partition", std::to_string(p));
            add("--partitions", std::to_string(options_.partitions));
            add("--events", std::to_string(pin_.events));
            add("--changes", std::to_string(pin_.changes));
            if (!pin_.bundle.empty()) add("--bundle", pin_.bundle);
            add("--threads", std::to_string(run_.pool.size() / at_once));
            calls.push_back({std::move(arguments), folder / (step + "-" + std::to_string(p) + ".json")});
        }
        std::size_t done = 0;
        if (run_.progress) run_.progress(step, 0.0);
        return base::run_processes(program_, calls, run_.pool, [&](std::size_t call, int exit_code) -> Status {
            SHORTLIST_ASSIGN(const auto document, document_of(calls[call].out, exit_code));
            count(document);
            if (run_.progress) run_.progress(step, static_cast<double>(++done) / static_cast<double>(calls.size()));
            return {};
        });
    }

    void count(const boost::json::object& document) {
        counts_.rows += number_in(document, "rows");
        counts_.requests += number_in(document, "requests");
        counts_.features = std::max(counts_.features, number_in(document, "features"));
        counts_.chosen += number_in(document, "chosen");
        counts_.chosen_missed += number_in(document, "chosen_missed");
    }

    [[nodiscard]] Status sum(const std::filesystem::path& folder) const {
        std::vector<data::ArrowBatch> increments;
        for (std::uint32_t p = 0; p < options_.partitions; ++p) {
            SHORTLIST_ASSIGN(auto batch, data::read_batch(file_of(folder, "increments", p)));
            increments.push_back(std::move(batch));
        }
        SHORTLIST_ASSIGN(auto summed, training::sum_partitions(increments));
        return data::write_batch(folder / kSum, std::move(summed));
    }

    [[nodiscard]] Result<data::ColumnBatch> join(const std::filesystem::path& folder) const {
        std::vector<data::ColumnBatch> parts;
        for (std::uint32_t p = 0; p < options_.partitions; ++p) {
            SHORTLIST_ASSIGN(const auto batch, data::read_batch(file_of(folder, "rows", p)));
            SHORTLIST_ASSIGN(auto part, data::from_arrow(batch));
            parts.push_back(std::move(part));
        }
        return training::join_rows(std::move(parts));
    }

    const Project& project_;
    const ReplayOptions& options_;
    const ReplayPin& pin_;
    const RunContext& run_;
    const std::filesystem::path& program_;
    training::RowCounts counts_;
};

}  // namespace

Result<training::RowCounts> run_replay_step(const Project& project, const ReplayStepOptions& options) {
    if (options.partition >= options.partitions) {
        return base::invalid_argument("partition: must be below partitions (" + std::to_string(options.partitions) + "); got " +
                                      std::to_string(options.partition));
    }
    const features::UserPartition users{options.partition, options.partitions};
    const std::filesystem::path folder = options.files;
    SHORTLIST_ASSIGN(const auto replay, ProjectReplay::open(project, options.rows, ReplayPin{options.events, options.changes, options.bundle}));
    if (options.step == ReplayStep::Gather) {
        SHORTLIST_TRY(data::write_batch(file_of(folder, "increments", options.partition), training::gather_partition(replay->job(), users)));
        return training::RowCounts{};
    }
    ThreadPool pool(options.threads);
    SHORTLIST_ASSIGN(const auto summed, data::read_batch(folder / kSum));
    SHORTLIST_ASSIGN(auto placed, training::replay_partition(replay->job(), users, summed, pool));
    SHORTLIST_ASSIGN(auto batch, data::to_arrow(std::move(placed.columns)));
    SHORTLIST_TRY(data::write_batch(file_of(folder, "rows", options.partition), std::move(batch)));
    return placed.counts;
}

Result<PartitionedRows> replay_partitions(const Project& project, const ReplayOptions& options, const ReplayPin& pin, const RunContext& run,
                                          const std::filesystem::path& program) {
    SHORTLIST_ASSIGN(const auto exchange, Exchange::create(project.folder));
    return Partitions(project, options, pin, run, program).run_in(exchange.folder());
}

}  // namespace shortlist::project
