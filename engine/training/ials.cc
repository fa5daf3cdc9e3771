#include "engine/training/ials.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/kernels/dot.h"
#include "engine/kernels/linear_systems.h"
#include "engine/models/half_step.h"

namespace shortlist::training {

namespace {

using kernels::AlignedVector;

constexpr std::size_t kRowsAtOnce = 32;
/// Built one after the other and solved together; more would leave the first-level cache.
constexpr std::size_t kSystemsAtOnce = 2;

/// Memory of one thread.
struct Worker {
    models::HalfStep half_step;
    AlignedVector<float> left, right;
};

AlignedVector<float> first_vectors(std::size_t rows, const IalsConfig& config) {
    const Rng root(config.seed);
    const double deviation = 0.1 / std::sqrt(static_cast<double>(config.embedding_size));
    AlignedVector<float> out(rows * config.embedding_size);
    for (std::size_t row = 0; row < rows; ++row) {
        Rng rng = root.fork(row);
        for (std::size_t i = 0; i < config.embedding_size; ++i) out[row * config.embedding_size + i] = static_cast<float>(deviation * rng.normal());
    }
    return out;
}

class Trainer {
public:
    Trainer(const data::Interactions& interactions, const IalsConfig& config, ThreadPool& pool)
        : by_user_(interactions),
          by_item_(data::transpose(interactions)),
          dimension_(config.embedding_size),
          rule_{config.unobserved_weight, config.regularization, config.frequency_exponent, config.count_unobserved},
          pool_(pool),
          workers_(pool.size()),
          users_(by_user_.users * dimension_, 0.0F),
          items_(first_vectors(by_item_.users, config)) {}

    void run_epoch() {
        solve_side(by_user_, items_, users_);
        solve_side(by_item_, users_, items_);
    }

    [[nodiscard]] double loss_per_pair() {
        const double pairs = static_cast<double>(std::max<std::size_t>(1, by_user_.items.size()));
        return (observed_loss() + unobserved_loss() + penalty(by_user_, users_, by_item_.users) + penalty(by_item_, items_, by_user_.users)) / pairs;
    }

    [[nodiscard]] Result<models::Factorization> finish() {
        auto gram = models::scaled_gram(items_, dimension_, rule_.unobserved_weight, pool_);
        return models::Factorization::create(std::move(items_), dimension_, std::move(gram), rule_);
    }

    [[nodiscard]] bool is_finite() const {
        return std::all_of(items_.begin(), items_.end(), [](float value) { return std::isfinite(value); });
    }

private:
    /// Solves the vectors of the rows of `chosen` given those of its columns.
    void solve_side(const data::Interactions& chosen, std::span<const float> given, AlignedVector<float>& solved) {
        const auto gram = models::scaled_gram(given, dimension_, rule_.unobserved_weight, pool_);
        const models::Partners partners{given, gram, dimension_};
        pool_.parallel_for(chosen.users, kRowsAtOnce, [&](std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t row = begin; row < end; row += kSystemsAtOnce) {
                solve_rows(chosen, partners, row, std::min(row + kSystemsAtOnce, end), workers_[worker]);
                for (std::size_t r = row; r < std::min(row + kSystemsAtOnce, end); ++r) {
                    const auto from = workers_[worker].right.begin() + static_cast<std::ptrdiff_t>((r - row) * kernels::padded_width(dimension_));
                    std::copy_n(from, dimension_, solved.begin() + static_cast<std::ptrdiff_t>(r * dimension_));
                }
            }
        });
    }

    /// Leaves the vectors of rows [begin, end) in the right side of the worker, each padded.
    void solve_rows(const data::Interactions& chosen, const models::Partners& partners, std::size_t begin, std::size_t end, Worker& worker) const {
        const std::size_t width = kernels::padded_width(dimension_);
        worker.left.resize((end - begin) * partners.gram.size());
        worker.right.resize((end - begin) * width);
        const std::span all(chosen.items);
        for (std::size_t row = begin; row < end; ++row) {
            const std::uint64_t first = chosen.offsets[row];
            const std::uint64_t last = chosen.offsets[row + 1];
            const models::Observed observed{all.subspan(first, last - first), std::span(chosen.weights).subspan(first, last - first),
                                            all.subspan(last)};
            worker.half_step.build(partners, rule_, observed, std::span(worker.left).subspan((row - begin) * width * width, width * width),
                                   std::span(worker.right).subspan((row - begin) * width, width));
        }
        kernels::solve_systems(worker.left, worker.right, width);
    }

    [[nodiscard]] std::span<const float> vector(std::span<const float> vectors, std::size_t row) const {
        return vectors.subspan(row * dimension_, dimension_);
    }

    [[nodiscard]] double observed_loss() {
        std::vector<double> per_user(by_user_.users);
        pool_.parallel_for(by_user_.users, 64, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t user = begin; user < end; ++user) {
                double sum = 0;
                for (std::uint64_t k = by_user_.offsets[user]; k < by_user_.offsets[user + 1]; ++k) {
                    const double error = 1.0 - kernels::dot(vector(users_, user), vector(items_, by_user_.items[k]));
                    sum += by_user_.weights[k] * error * error;
                }
                per_user[user] = sum;
            }
        });
        double total = 0;
        for (const double sum : per_user) total += sum;
        return total;
    }

    /// The sum over all pairs of (x . y)^2 is the sum of the elementwise product of the two Gram matrices.
    [[nodiscard]] double unobserved_loss() {
        const auto user_gram = models::scaled_gram(users_, dimension_, 1.0, pool_);
        const auto item_gram = models::scaled_gram(items_, dimension_, 1.0, pool_);
        const std::size_t width = kernels::padded_width(dimension_);
        double sum = 0;
        for (std::size_t i = 0; i < dimension_; ++i) {
            for (std::size_t j = i; j < dimension_; ++j) {
                sum += (i == j ? 1.0 : 2.0) * static_cast<double>(user_gram[i * width + j]) * item_gram[i * width + j];
            }
        }
        return rule_.unobserved_weight * sum;
    }

    [[nodiscard]] double penalty(const data::Interactions& chosen, std::span<const float> vectors, std::size_t partners) const {
        double sum = 0;
        for (std::size_t row = 0; row < chosen.users; ++row) {
            const double square = kernels::dot(vector(vectors, row), vector(vectors, row));
            sum += rule_.penalty(chosen.of(static_cast<UserRow>(row)).size(), partners) * square;
        }
        return sum;
    }

    const data::Interactions& by_user_;
    const data::Interactions by_item_;
    const std::size_t dimension_;
    const models::FactorizationRule rule_;
    ThreadPool& pool_;
    std::vector<Worker> workers_;
    AlignedVector<float> users_;
    AlignedVector<float> items_;
};

Status check(const data::Interactions& interactions, const IalsConfig& config) {
    if (config.embedding_size < 1 || config.embedding_size > models::Factorization::kEmbeddingSizeMax) {
        return base::invalid_argument("embedding_size must be within 1 to 512, not " + std::to_string(config.embedding_size));
    }
    if (!(config.regularization > 0)) {
        return base::invalid_argument("regularization must be above 0, not " + std::to_string(config.regularization));
    }
    if (!(config.unobserved_weight >= 0)) {
        return base::invalid_argument("unobserved_weight must be 0 or more, not " + std::to_string(config.unobserved_weight));
    }
    const auto is_weight = [](float weight) { return weight > 0 && std::isfinite(weight); };
    if (const auto wrong = std::find_if_not(interactions.weights.begin(), interactions.weights.end(), is_weight);
        wrong != interactions.weights.end()) {
        return base::invalid_argument("weights of interactions must be positive and finite, not " + std::to_string(*wrong));
    }
    return {};
}

}  // namespace

Result<models::Factorization> train_ials(const data::Interactions& interactions, const IalsConfig& config, ThreadPool& pool,
                                         const IalsProgress& progress) {
    SHORTLIST_TRY(check(interactions, config));
    Trainer trainer(interactions, config, pool);
    for (std::size_t epoch = 1; epoch <= config.epochs; ++epoch) {
        trainer.run_epoch();
        if (!trainer.is_finite()) {
            return base::resource_exhausted("iALS left the range of fp32 in epoch " + std::to_string(epoch) + "; raise regularization");
        }
        if (progress) progress(epoch, trainer.loss_per_pair());
    }
    return trainer.finish();
}

}  // namespace shortlist::training
