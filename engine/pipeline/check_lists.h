/// Whether the lists in a log are what the log gives: each that was logged with its features is asked for again, of the state at its
/// offset, by the code that served it, and compared bit by bit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/bundle_folder.h"
#include "engine/data/log.h"
#include "engine/pipeline/log_state.h"

namespace shortlist::pipeline {

/// The catalogue and feature state that the live records give, taken one by one from what was imported. Calls `visit(i)` when the state has the
/// records before stops[i]; `stops` ascend. Returns the state behind the last stop. Cost: one pass over the records.
/// Errors: those of reading the log and loading the models, and of `visit`.
[[nodiscard]] Result<std::unique_ptr<LogState>> replay_records(const std::filesystem::path& project_folder, const data::Log& log,
                                                               const data::Bundle& bundle, std::span<const std::uint64_t> stops,
                                                               const std::function<Status(std::size_t, LogState&)>& visit);

/// One value that is not what was logged.
struct ListDifference {
    std::string what;        ///< A feature's name; `score`, `item` (what stands at its place), `tick`.
    std::string request_id;
    std::string user;
    std::string item;
    std::uint64_t offset = 0;  ///< The list saw the records before it.
    std::string logged;
    std::string derived;
    /// Offsets of the last lists before it that were equal, of this user, and for this item; absent where there was none.
    std::optional<std::uint64_t> user_equal_at, item_equal_at;

    struct Record {
        std::uint64_t offset = 0;
        std::string text;  ///< `event watch of u1 with i2`, `item i2`, `user u1`.
    };
    std::uint64_t records_between = 0;  ///< Live records of the user or the item since those.
    std::vector<Record> records;        ///< The newest kRecordsShown of them.
};
inline constexpr std::size_t kRecordsShown = 20;

struct ListsReport {
    std::uint64_t lists = 0;      ///< In the log.
    std::uint64_t compared = 0;   ///< Lists, ...
    std::uint64_t vectors = 0;    ///< ... the rows of features in them, ...
    std::uint64_t values = 0;     ///< ... and all numbers in these.
    std::uint64_t different = 0;  ///< Differences in all; `differences` has the first of them.
    std::uint64_t without_features = 0;          ///< Lists outside the sample.
    std::uint64_t of_other_history = 0;          ///< Lists of before an import, whose offsets mean nothing any more.
    std::map<std::string, std::uint64_t> bundles_gone;  ///< Lists by a bundle that is not there any more.
    std::vector<ListDifference> differences;

    [[nodiscard]] bool equal() const noexcept { return different == 0; }
};

/// Checks the lists before offset log.end(). Reports at most `differences_max` differences, the first ones. Cost: for each bundle whose lists are
/// there, one pass over the live records, and the requests; memory for one state and for kListBytes of lists: those past it take another pass.
[[nodiscard]] Result<ListsReport> check_lists(const std::filesystem::path& project_folder, const data::Log& log, std::size_t differences_max);
inline constexpr std::size_t kListBytes = std::size_t{1} << 30;

}  // namespace shortlist::pipeline
