/// The logging policy as a sampler, and its probabilities: both from one table of the popularity of each part of each day.
#pragma once

#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/threads.h"
#include "engine/simulation/shorts_truth.h"

namespace shortlist::simulation {

inline constexpr TimeUs kDayPartUs = 6 * kHourUs;  ///< How often the policy refreshes what is popular.

/// Items in order of (language, topic), so that a cell is a range of the order.
struct ItemCells {
    std::vector<std::uint32_t> order;
    std::vector<std::uint32_t> begins;  ///< Of each cell language x topics + topic; one more than cells.
    std::size_t topics = 0;
};
[[nodiscard]] ItemCells make_cells(const ShortsTruth& truth);

/// Sums of popularity x freshness along `order` at the start of day part `part`: one more than items, sums[0] = 0.
/// What is uploaded later has no weight yet.
void fill_popularity_sums(const ShortsTruth& truth, const ItemCells& cells, std::size_t part, std::vector<double>& sums);

/// Chances of each language for a user of `home`: language_share on their own, the rest by share of the creators.
[[nodiscard]] std::array<double, kLanguages.size()> language_chances(const ShortsTruth& truth, std::uint8_t home);

/// What the policy knows of a session: its estimate of the taste, the hour, and nothing of device or position.
[[nodiscard]] Viewing estimated_viewing(const ShortsTruth& truth, std::size_t user, TimeUs time) noexcept;

/// The chance that a personal choice stands once the policy has looked at the video: its estimate of "watched to half".
[[nodiscard]] double acceptance(const ShortsTruth& truth, const Viewing& estimate, std::size_t item) noexcept;

/// Immutable after construction. Any thread may sample. Memory: 8 bytes x items x 4 x days.
class PolicySampler {
public:
    PolicySampler(const ShortsTruth& truth, base::ThreadPool& threads);

    /// What the policy knows of one session.
    struct Session {
        Viewing estimate;                ///< Who is there, as the policy sees it.
        std::vector<double> topic_sums;  ///< Cumulative chances of the topics.
    };
    [[nodiscard]] Session open_session(std::size_t user, TimeUs time) const;
    /// One video; requires a session within the days of the log, and a video uploaded before its start. Cost: a few binary searches.
    [[nodiscard]] std::uint32_t sample(const Session& session, Rng& rng) const;

private:
    [[nodiscard]] std::uint32_t sample_personal(const Session& session, std::span<const double> sums, Rng& rng) const;
    [[nodiscard]] std::size_t draw_language(const Session& session, Rng& rng) const;
    [[nodiscard]] std::uint32_t sample_range(std::span<const double> sums, std::size_t begin, std::size_t end, Rng& rng) const;
    /// Videos uploaded in the 24 hours before `time`.
    [[nodiscard]] std::span<const std::uint32_t> fresh_uploads(TimeUs time) const;

    const ShortsTruth& truth_;
    ItemCells cells_;
    std::vector<std::vector<double>> parts_;
    std::vector<std::uint32_t> by_upload_;
};

}  // namespace shortlist::simulation
