/// From arguments to one call of one verb, and from its outcome to an exit code.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/cli/verb.h"

namespace shortlist::cli {

/// Runs what `arguments` (without the program's name) ask for. Exit code: 0, or that of the error (base::face_of).
/// With --json, `io.out` gets exactly one document, of the result or of the error.
/// Any C++ exception from below is caught here and becomes an error.
int run_command_line(std::span<const Verb> verbs, std::vector<std::string> arguments, Io io);

/// The page of `shortlist --help`, and of `shortlist VERB --help`.
[[nodiscard]] std::string help_page(std::span<const Verb> verbs);
[[nodiscard]] std::string help_page(const Verb& verb);

}  // namespace shortlist::cli
