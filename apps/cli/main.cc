// shortlist: one verb a call. What it does stands in verb files; this finds out who is listening.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "apps/cli/command_line.h"

namespace {

// LightGBM's OpenMP threads spin while they wait, and on a machine with other work that costs tens of times the training itself (measured: 34 s
// against 0.6 s on 2 busy cores). They do meet many times a tree, so a tenth of a millisecond awake before they sleep pays (24 s against 16 s on
// 2 idle cores). OpenMP reads its settings before main(), so a process without any starts itself again with these.
void wait_awake_only_briefly(char** arguments) {
    setenv("GOMP_SPINCOUNT", "100000", /*overwrite=*/0);
    if (setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0) == 0) execv("/proc/self/exe", arguments);
}

}  // namespace

int main(int count, char** arguments) {
    using namespace shortlist::cli;
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) wait_awake_only_briefly(arguments);
    const std::vector<Verb> verbs = all_verbs();
    return run_command_line(verbs, std::vector<std::string>(arguments + 1, arguments + count),
                            Io{std::cout, std::cerr, /*json=*/false, /*terminal=*/isatty(STDERR_FILENO) == 1});
}
