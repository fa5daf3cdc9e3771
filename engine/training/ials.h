/// Implicit alternating least squares: user and item vectors whose products are near 1 where a user chose an item and near 0
/// elsewhere, over all pairs, in time that grows with the observed ones only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/base/threads.h"
#include "engine/data/interactions.h"
#include "engine/models/factorization.h"

namespace shortlist::training {

/// Options of a retriever of `kind: ials`. The defaults were chosen on a fifth of each user's train.txt items of the Gowalla
/// split of LightGCN, held out at random: docs/decisions/0008.
struct IalsConfig {
    std::size_t embedding_size = 64;
    std::size_t epochs = 4;
    double regularization = 0.05;
    double unobserved_weight = 0.03;
    double frequency_exponent = 1.0;
    bool count_unobserved = false;
    std::uint64_t seed = 42;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("embedding_size", embedding_size, base::range(1, 512), "Length of a vector; longer ones fit better and cost its square.");
        v.field("epochs", epochs, base::range(1, 1000), "Passes over users and items.");
        v.field("regularization", regularization, base::range(1e-9, 1e6), "Penalty on the length of vectors.");
        v.field("unobserved_weight", unobserved_weight, base::range(0, 1e6), "Weight of a pair without an interaction; an observed pair has 1 more.");
        v.field("frequency_exponent", frequency_exponent, base::range(0, 2),
                "How the penalty grows with the number of interactions: 0 not, 1 in proportion.");
        v.field("count_unobserved", count_unobserved, base::any<bool>(), "Let the penalty count unobserved pairs too, by their weight.");
        v.field("seed", seed, base::any<std::uint64_t>(), "Seed of the first vectors.");
    }
};

/// Called after an epoch with its number, from 1, and the loss per observed pair.
using IalsProgress = std::function<void(std::size_t epoch, double loss)>;

/// Minimises, by epochs that solve every user's vector x given the items' vectors y and then the reverse,
///     sum over observed (u, i) of w (1 - x_u . y_i)^2  +  unobserved_weight * sum over all (u, i) of (x_u . y_i)^2
///     + sum over users of penalty(n_u, items) |x_u|^2  +  sum over items of penalty(n_i, users) |y_i|^2
/// with penalty() of models::FactorizationRule and w the weight of an interaction. Vectors begin as normal numbers of standard
/// deviation 0.1 / sqrt(embedding_size).
/// Equal bytes for any number of threads on one class of CPU (kernels::CpuLevel); levels differ by rounding.
/// progress  may be empty; the loss is computed only for it, at about a twentieth of an epoch.
/// Cost      O(interactions x d^2 + (users + items) x d^3 / 6) an epoch; 4 d bytes a user and item,
///           256 d^2 for the Gram matrices.
/// Errors    InvalidArgument for a weight that is not positive or an option out of range; ResourceExhausted (fp32 cannot solve it).
/// Source    Hu, Koren & Volinsky, ICDM 2008; regularisation as in models::FactorizationRule.
[[nodiscard]] Result<models::Factorization> train_ials(const data::Interactions& interactions, const IalsConfig& config, ThreadPool& pool,
                                                       const IalsProgress& progress = {});

}  // namespace shortlist::training
