#include "engine/models/factorization.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/kernels/linear_systems.h"
#include "engine/models/binary_file_internal.h"

namespace shortlist::models {

namespace {

constexpr std::string_view kKind = "SLFACTOR";
constexpr std::uint32_t kVersion = 1;

bool all_finite(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

// False for NaN, too.
bool in_range(const FactorizationRule& rule) {
    return rule.unobserved_weight >= 0 && rule.unobserved_weight <= 1e6 && rule.regularization > 0 && rule.regularization <= 1e6 &&
           rule.frequency_exponent >= 0 && rule.frequency_exponent <= 2;
}

}  // namespace

Result<Factorization> Factorization::create(kernels::AlignedVector<float> item_factors, std::size_t embedding_size,
                                            kernels::AlignedVector<float> gram, FactorizationRule rule) {
    if (embedding_size < 1 || embedding_size > kEmbeddingSizeMax) {
        return base::invalid_argument("embedding size must be within 1 to 512, not " + std::to_string(embedding_size));
    }
    if (item_factors.size() % embedding_size != 0 || item_factors.size() / embedding_size >= kNoRow) {
        return base::invalid_argument("item factors must be whole rows of " + std::to_string(embedding_size) + " values, not " +
                                      std::to_string(item_factors.size()) + " values");
    }
    const std::size_t width = kernels::padded_width(embedding_size);
    if (gram.size() != width * width) {
        return base::invalid_argument("Gram matrix must hold " + std::to_string(width * width) + " values, not " + std::to_string(gram.size()));
    }
    if (!in_range(rule)) {
        return base::invalid_argument(
            "unobserved weight must be within 0 to 1e6, regularization above 0 and at most 1e6, frequency exponent within 0 to 2");
    }
    if (!all_finite(item_factors) || !all_finite(gram)) return base::invalid_argument("item factors and Gram matrix must be finite");
    Factorization out;
    out.item_factors_ = std::move(item_factors);
    out.gram_ = std::move(gram);
    out.embedding_size_ = embedding_size;
    out.rule_ = rule;
    return out;
}

bool Factorization::fold_in(std::span<const ItemRow> items, std::span<const float> weights, Scratch& scratch, std::span<float> user_vector) const {
    SHORTLIST_CHECK(user_vector.size() == embedding_size_ && weights.size() == items.size(), user_vector.size(), weights.size());
    SHORTLIST_CHECK(std::all_of(items.begin(), items.end(), [&](ItemRow item) { return item < this->items(); }), this->items());
    scratch.left.resize(gram_.size());
    const std::size_t width = kernels::padded_width(embedding_size_);
    scratch.right.resize(width);
    scratch.half_step.build({item_factors_, gram_, embedding_size_}, rule_, {items, weights}, scratch.left, scratch.right);
    kernels::solve_systems(scratch.left, scratch.right, width);
    const std::span<const float> solved = scratch.right;
    const bool is_solved = all_finite(solved);
    if (is_solved) {
        std::copy_n(solved.begin(), embedding_size_, user_vector.begin());
    } else {
        std::fill(user_vector.begin(), user_vector.end(), 0.0F);
    }
    return is_solved;
}

Status Factorization::save(const std::filesystem::path& path) const {
    BinaryWriter file(kKind, kVersion);
    file.put(static_cast<std::uint32_t>(embedding_size_));
    file.put(static_cast<std::uint64_t>(items()));
    file.put(rule_.unobserved_weight);
    file.put(rule_.regularization);
    file.put(rule_.frequency_exponent);
    file.put(std::uint32_t{rule_.count_unobserved ? 1U : 0U});
    file.put_all(item_factors());
    const std::size_t width = kernels::padded_width(embedding_size_);
    for (std::size_t i = 0; i < embedding_size_; ++i) file.put_all(std::span<const float>(gram_).subspan(i * width + i, embedding_size_ - i));
    return file.save(path);
}

Result<Factorization> Factorization::load(const std::filesystem::path& path) {
    SHORTLIST_ASSIGN(auto bytes, read_bytes(path));
    return parse(std::move(bytes), path.string());
}

Result<Factorization> Factorization::parse(std::string bytes, std::string name) {
    SHORTLIST_ASSIGN(auto file, BinaryReader::create(std::move(bytes), std::move(name), kKind, kVersion));
    SHORTLIST_ASSIGN(const auto embedding_size, file.get<std::uint32_t>());
    SHORTLIST_ASSIGN(const auto items, file.get<std::uint64_t>());
    if (embedding_size < 1 || embedding_size > kEmbeddingSizeMax || items >= kNoRow) return file.damaged("its sizes are out of range");
    FactorizationRule rule;
    SHORTLIST_ASSIGN(rule.unobserved_weight, file.get<double>());
    SHORTLIST_ASSIGN(rule.regularization, file.get<double>());
    SHORTLIST_ASSIGN(rule.frequency_exponent, file.get<double>());
    SHORTLIST_ASSIGN(const auto count_unobserved, file.get<std::uint32_t>());
    if (count_unobserved > 1) return file.damaged("its rule is out of range");
    rule.count_unobserved = count_unobserved == 1;
    SHORTLIST_ASSIGN(auto factors, file.get_all<kernels::AlignedVector<float>>(items * embedding_size));
    const std::size_t width = kernels::padded_width(embedding_size);
    kernels::AlignedVector<float> gram(width * width, 0.0F);
    for (std::size_t i = 0; i < embedding_size; ++i) {
        SHORTLIST_ASSIGN(const auto row, file.get_all<kernels::AlignedVector<float>>(embedding_size - i));
        std::copy(row.begin(), row.end(), gram.begin() + static_cast<std::ptrdiff_t>(i * width + i));
    }
    SHORTLIST_TRY(file.finish());
    auto model = create(std::move(factors), embedding_size, std::move(gram), rule);
    if (!model) return file.damaged(model.error().message);
    return model;
}

}  // namespace shortlist::models
