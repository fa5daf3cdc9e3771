// shortlist: one verb a call. What it does stands in verb files; this finds out who is listening.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "apps/cli/command_line.h"

namespace {

// What libraries read from the environment before main(): a process without these settings starts itself again with them.
// - LightGBM's OpenMP threads spin while they wait, and on a machine with other work that costs tens of times the training itself (measured: 34 s
//   against 0.6 s on 2 busy cores). They do meet many times a tree, so a tenth of a millisecond awake before they sleep pays (24 s against 16 s on
//   2 idle cores).
// - Arrow's own allocator keeps what was freed, hundreds of megabytes behind a large column, and ten in each thread that writes a file. With the C
//   library's an import takes no longer.
void begin_with_settings(char** arguments) {
    setenv("GOMP_SPINCOUNT", "100000", /*overwrite=*/0);
    const bool set =
        setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0) == 0 && setenv("ARROW_DEFAULT_MEMORY_POOL", "system", /*overwrite=*/0) == 0;
    if (set) execv("/proc/self/exe", arguments);
}

}  // namespace

int main(int count, char** arguments) {
    using namespace shortlist::cli;
    const bool has_settings = std::getenv("OMP_WAIT_POLICY") != nullptr && std::getenv("ARROW_DEFAULT_MEMORY_POOL") != nullptr;
    if (!has_settings) begin_with_settings(arguments);
    const std::vector<Verb> verbs = all_verbs();
    return run_command_line(verbs, std::vector<std::string>(arguments + 1, arguments + count),
                            Io{std::cout, std::cerr, /*json=*/false, /*terminal=*/isatty(STDERR_FILENO) == 1});
}
