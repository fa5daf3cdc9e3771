/// What bare `shortlist` shows.
#pragma once

#include <filesystem>

#include "apps/cli/render.h"

namespace shortlist::cli {

/// Shows the three commands that lead on from where the project around `folder` stands.
void render_next_steps(Io& io, const std::filesystem::path& folder);

}  // namespace shortlist::cli
