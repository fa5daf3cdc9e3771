/// What lists look like apart from being right: diverse, covering, novel, or all of the same head of the catalogue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"

namespace shortlist::eval {

/// Mean over pairs of a list of 1 - cosine of their embeddings, in [0, 2].
/// embeddings  shape (n, width), row by row. A zero vector is at distance 1 from everything.
/// Returns 0 for fewer than two items. Cost O(n width).
/// Source  Ziegler et al., WWW 2005 (intra-list similarity, turned round).
[[nodiscard]] double intra_list_distance(std::span<const float> embeddings, std::size_t width);

/// Share of the pairs of a list that differ in category; 0 for fewer than two items. Cost O(n log n).
[[nodiscard]] double intra_list_mismatch(std::span<const std::uint32_t> categories);

/// Of each item -log2((count + 1) / (total + items)): bits of surprise at it, given how often each item was chosen before.
/// The one added keeps what was never chosen finite. counts  by item row.
[[nodiscard]] std::vector<double> self_information(std::span<const double> counts);

/// Mean of the items' bits over a list; 0 for an empty one.
/// bits  self_information() by item row. Source  Vargas & Castells, RecSys 2011 (mean self-information).
[[nodiscard]] double novelty(std::span<const ItemRow> served, std::span<const double> bits);

/// Which items make up the head: the most popular `fraction` of all, at least one; ties go to the lower row.
/// Returns a 0 or 1 for each item. Cost O(items log items).
[[nodiscard]] std::vector<std::uint8_t> popular_head(std::span<const double> counts, double fraction = 0.01);

/// Share of a list that belongs to the head; 0 for an empty list.
[[nodiscard]] double popularity_share(std::span<const ItemRow> served, std::span<const std::uint8_t> head);

}  // namespace shortlist::eval
