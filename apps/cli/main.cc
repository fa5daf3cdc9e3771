// shortlist: one verb a call. What it does stands in verb files; this finds out who is listening.
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "apps/cli/command_line.h"

int main(int count, char** arguments) {
    using namespace shortlist::cli;
    const std::vector<Verb> verbs = all_verbs();
    return run_command_line(verbs, std::vector<std::string>(arguments + 1, arguments + count),
                            Io{std::cout, std::cerr, /*json=*/false, /*terminal=*/isatty(STDERR_FILENO) == 1});
}
