/// Starts programs, and waits for them.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/threads.h"

namespace shortlist::base {

/// One run of a program: its arguments, without its name, and the file that its standard output goes to.
struct ProcessCall {
    std::vector<std::string> arguments;
    std::filesystem::path out;
};

/// Runs `program` once for each call, one at a time on each of the pool's threads, in this process's folder and environment. `ended` is told of each
/// call and its exit code (128 and the number of a signal that ended it), by one thread at a time; at its first error no other
/// call begins, those that run are ended (SIGTERM), and the error is returned when all of them are gone.
/// Errors: Unavailable (the program cannot be started, a file cannot be written), and those of `ended`.
[[nodiscard]] Status run_processes(const std::filesystem::path& program, std::span<const ProcessCall> calls, ThreadPool& pool,
                                   const std::function<Status(std::size_t call, int exit_code)>& ended);

}  // namespace shortlist::base
