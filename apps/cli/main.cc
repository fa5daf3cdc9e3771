// shortlist: one verb a call. What it does stands in verb files; this finds out who is listening.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "apps/cli/command_line.h"

namespace {

// LightGBM's OpenMP threads spin while they wait, and on a machine with other work that costs tens of times the training itself (measured: 34 s
// against 0.6 s on 2 busy cores). OpenMP reads its policy before main(), so a process without one starts itself again with one.
void wait_without_spinning(char** arguments) {
    if (setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0) == 0) execv("/proc/self/exe", arguments);
}

}  // namespace

int main(int count, char** arguments) {
    using namespace shortlist::cli;
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) wait_without_spinning(arguments);
    const std::vector<Verb> verbs = all_verbs();
    return run_command_line(verbs, std::vector<std::string>(arguments + 1, arguments + count),
                            Io{std::cout, std::cerr, /*json=*/false, /*terminal=*/isatty(STDERR_FILENO) == 1});
}
