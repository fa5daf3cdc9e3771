/// Each verb, from a file of its own.
#pragma once

#include "apps/cli/verb.h"

namespace shortlist::cli {

[[nodiscard]] Verb bench_verb();
[[nodiscard]] Verb bundles_diff_verb();
[[nodiscard]] Verb bundles_list_verb();
[[nodiscard]] Verb bundles_promote_verb();
[[nodiscard]] Verb bundles_rollback_verb();
[[nodiscard]] Verb bundles_show_verb();
[[nodiscard]] Verb compact_verb();
[[nodiscard]] Verb config_check_verb();
[[nodiscard]] Verb config_print_verb();
[[nodiscard]] Verb config_reference_verb();
[[nodiscard]] Verb config_schema_verb();
[[nodiscard]] Verb doctor_verb();
[[nodiscard]] Verb export_verb();
[[nodiscard]] Verb features_list_verb();
[[nodiscard]] Verb features_explain_verb();
[[nodiscard]] Verb features_show_verb();
[[nodiscard]] Verb forget_verb();
[[nodiscard]] Verb generate_shorts_verb();
[[nodiscard]] Verb import_verb();
[[nodiscard]] Verb init_verb();

[[nodiscard]] Verb demo_verb();
[[nodiscard]] Verb evaluate_verb();
[[nodiscard]] Verb recommend_verb();
[[nodiscard]] Verb train_verb();
[[nodiscard]] Verb replay_verb();
[[nodiscard]] Verb replay_step_verb();
[[nodiscard]] Verb serve_verb();
[[nodiscard]] Verb verify_verb();
}  // namespace shortlist::cli
