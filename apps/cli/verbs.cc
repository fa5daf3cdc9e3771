#include "apps/cli/verbs.h"

namespace shortlist::cli {

std::vector<Verb> all_verbs() {
    return {demo_verb(),
            train_verb(),
            evaluate_verb(),
            recommend_verb(),
            serve_verb(),
            replay_verb(),
            verify_verb(),
            init_verb(),
            generate_shorts_verb(),
            import_verb(),
            export_verb(),
            forget_verb(),
            compact_verb(),
            features_list_verb(),
            features_explain_verb(),
            features_show_verb(),
            bundles_list_verb(),
            bundles_show_verb(),
            bundles_diff_verb(),
            bundles_promote_verb(),
            bundles_rollback_verb(),
            config_check_verb(),
            config_print_verb(),
            config_schema_verb(),
            config_reference_verb(),
            doctor_verb(),
            bench_verb(),
            replay_step_verb()};
}

}  // namespace shortlist::cli
