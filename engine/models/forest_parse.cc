// Reads LightGBM's text format: lines of `key=value`, a header, one block per tree, then what a forest does not need.

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "engine/base/text.h"
#include "engine/models/forest.h"

namespace shortlist::models {
namespace {

using base::invalid_argument;
using base::printable;

/// Far more than any forest that could be served in time; keeps node and leaf counts within 31 bits.
constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;
/// Sums of this many are still finite, whatever the tree count.
constexpr double kOutputMax = 1e100;
constexpr float kZero = Trees::kZero;

using Fields = std::map<std::string_view, std::string_view>;

/// Takes the text up to `separator` off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view taken = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return taken;
}

Result<std::string_view> field(const Fields& fields, std::string_view key) {
    const auto found = fields.find(key);
    if (found == fields.end()) return invalid_argument("no " + std::string(key));
    return found->second;
}

template <class Number>
Result<Number> read_number(std::string_view text, std::string_view key) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || std::isnan(number)) {
        return invalid_argument(std::string(key) + " is not a number in range: '" + printable(text) + "'");
    }
    return number;
}

template <class Number>
Result<Number> read_number(const Fields& fields, std::string_view key) {
    SHORTLIST_ASSIGN(const std::string_view text, field(fields, key));
    return read_number<Number>(text, key);
}

/// Reads exactly `count` numbers with one space between two.
template <class Number>
Result<std::vector<Number>> read_numbers(const Fields& fields, std::string_view key, std::size_t count) {
    SHORTLIST_ASSIGN(std::string_view rest, field(fields, key));
    // A number and its separator take two bytes at least, so a count that the text does not pay for reserves nothing.
    const auto wrong_count = [&] { return invalid_argument(std::string(key) + " does not hold " + std::to_string(count) + " numbers"); };
    if (rest.empty() != (count == 0) || rest.size() / 2 + 1 < count) return wrong_count();
    std::vector<Number> numbers;
    numbers.reserve(count);
    while (!rest.empty()) {
        if (numbers.size() == count) return wrong_count();
        SHORTLIST_ASSIGN(const Number number, read_number<Number>(take(rest, ' '), key));
        numbers.push_back(number);
    }
    if (numbers.size() != count) return wrong_count();
    return numbers;
}

Result<std::vector<double>> read_outputs(const Fields& fields, std::string_view key, std::size_t count) {
    SHORTLIST_ASSIGN(std::vector<double> outputs, read_numbers<double>(fields, key, count));
    for (const double output : outputs) {
        if (!(std::abs(output) <= kOutputMax)) return invalid_argument(std::string(key) + " holds a value past 1e100");
    }
    return outputs;
}

Status require(const Fields& fields, std::string_view key, std::string_view wanted, std::string_view why) {
    SHORTLIST_ASSIGN(const std::string_view value, field(fields, key));
    if (value == wanted) return {};
    return invalid_argument(std::string(key) + " is '" + printable(value) + "', supported is " + std::string(wanted) + std::string(why));
}

/// The float t such that `value <= t` for a float value decides as LightGBM does on its doubles, where |value| <= 1e-35 counts as 0.
float float_threshold(double threshold) {
    constexpr float kLowest = -std::numeric_limits<float>::infinity();
    if (threshold >= 0.0 && threshold <= kZero) return kZero;
    if (threshold < 0.0 && threshold >= -kZero) return std::nextafter(-kZero, kLowest);
    if (std::isinf(threshold)) return static_cast<float>(threshold);  // where a feature holds infinite values
    if (threshold > std::numeric_limits<float>::max()) return std::numeric_limits<float>::max();
    if (threshold < std::numeric_limits<float>::lowest()) return kLowest;
    const auto nearest = static_cast<float>(threshold);
    return static_cast<double>(nearest) > threshold ? std::nextafter(nearest, kLowest) : nearest;
}

/// One tree as the text has it: arrays by split, arrays by leaf. Child c >= 0 is a split, c < 0 is leaf ~c.
struct TreeText {
    std::vector<std::uint32_t> features;
    std::vector<double> thresholds;
    std::vector<int> decisions;
    std::vector<std::int32_t> left;
    std::vector<std::int32_t> right;
    std::vector<double> node_values;
    std::vector<double> leaf_values;
    std::vector<std::uint32_t> category_bounds;  ///< Words of set s: [bounds[s], bounds[s + 1]).
    std::vector<std::uint32_t> category_words;
};

Status read_categories(const Fields& fields, TreeText& tree) {
    SHORTLIST_ASSIGN(const auto sets, read_number<std::uint32_t>(fields, "num_cat"));
    if (sets == 0) return {};
    SHORTLIST_ASSIGN(tree.category_bounds, read_numbers<std::uint32_t>(fields, "cat_boundaries", std::size_t{sets} + 1));
    for (std::size_t s = 0; s < sets; ++s) {
        if (tree.category_bounds[s] > tree.category_bounds[s + 1]) return invalid_argument("cat_boundaries decrease");
    }
    if (tree.category_bounds.front() != 0) return invalid_argument("cat_boundaries do not start at 0");
    SHORTLIST_ASSIGN(tree.category_words, read_numbers<std::uint32_t>(fields, "cat_threshold", tree.category_bounds.back()));
    return {};
}

Result<TreeText> read_tree(const Fields& fields) {
    TreeText tree;
    SHORTLIST_ASSIGN(const auto leaves, read_number<std::uint32_t>(fields, "num_leaves"));
    if (leaves == 0) return invalid_argument("num_leaves is 0");
    if (fields.contains("is_linear")) SHORTLIST_TRY(require(fields, "is_linear", "0", ": train with linear_tree=false"));
    SHORTLIST_ASSIGN(tree.leaf_values, read_outputs(fields, "leaf_value", leaves));
    const std::size_t splits = leaves - 1;
    if (splits == 0) return tree;
    SHORTLIST_ASSIGN(tree.features, read_numbers<std::uint32_t>(fields, "split_feature", splits));
    SHORTLIST_ASSIGN(tree.thresholds, read_numbers<double>(fields, "threshold", splits));
    SHORTLIST_ASSIGN(tree.decisions, read_numbers<int>(fields, "decision_type", splits));
    SHORTLIST_ASSIGN(tree.left, read_numbers<std::int32_t>(fields, "left_child", splits));
    SHORTLIST_ASSIGN(tree.right, read_numbers<std::int32_t>(fields, "right_child", splits));
    SHORTLIST_ASSIGN(tree.node_values, read_outputs(fields, "internal_value", splits));
    SHORTLIST_TRY(read_categories(fields, tree));
    return tree;
}

}  // namespace

/// Reads the text from front to back and adds tree after tree to a forest.
class Forest::Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<Forest> run() {
        if (rest_.size() > kTextBytesMax) return invalid_argument("forest text is longer than " + base::format_bytes(kTextBytesMax));
        if (next_line() != "tree") return invalid_argument("not a LightGBM model: the first line is not 'tree'");
        SHORTLIST_ASSIGN(const Fields header, read_fields());
        SHORTLIST_ASSIGN(const std::size_t trees, read_header(header));
        for (std::size_t tree = 0; tree < trees; ++tree) {
            if (auto added = read_and_add_tree(tree); !added) return std::move(added).error().in("tree " + std::to_string(tree));
        }
        if (line_ != "end of trees") return invalid_argument("more trees than tree_sizes has entries, " + std::to_string(trees));
        forest_.program_ = ForestProgram(forest_.trees_);
        return std::move(forest_);
    }

private:
    /// A child of a split that is already in the forest, waiting for its place.
    struct Pending {
        std::int32_t child;
        std::size_t parent;
        bool is_left;
    };
    /// What of one tree has been reached from its root so far.
    struct Reached {
        std::vector<bool> splits;
        std::vector<bool> leaves;
        std::vector<Pending> pending;
    };

    std::string_view next_line() { return line_ = take(rest_, '\n'); }

    /// Reads up to the line that begins the next tree or ends the trees; leaves that line in line_.
    Result<Fields> read_fields() {
        Fields fields;
        while (!rest_.empty()) {
            const std::string_view line = next_line();
            if (line == "end of trees" || line.starts_with("Tree=")) return fields;
            if (line.empty()) continue;
            std::string_view value = line;
            const std::string_view key = take(value, '=');
            if (!fields.emplace(key, value).second) return invalid_argument("'" + printable(key) + "' stands there twice");
        }
        return invalid_argument("the text is cut short: no 'end of trees'");
    }

    /// Returns the number of trees.
    Result<std::size_t> read_header(const Fields& header) {
        SHORTLIST_TRY(require(header, "version", "v4", ": train with LightGBM 4"));
        SHORTLIST_TRY(require(header, "num_class", "1", ""));
        SHORTLIST_TRY(require(header, "num_tree_per_iteration", "1", ""));
        if (header.contains("average_output")) return invalid_argument("averaged output (boosting=rf) is not supported: train with gbdt");
        const auto objective = header.find("objective");
        forest_.scores_are_log_odds_ = objective != header.end() && objective->second == "binary sigmoid:1";
        SHORTLIST_ASSIGN(std::string_view names, field(header, "feature_names"));
        while (!names.empty()) forest_.feature_names_.emplace_back(take(names, ' '));
        SHORTLIST_ASSIGN(const auto last_feature, read_number<std::uint32_t>(header, "max_feature_idx"));
        if (forest_.feature_names_.size() != std::size_t{last_feature} + 1) {
            return invalid_argument("feature_names holds " + std::to_string(forest_.feature_names_.size()) + " names, max_feature_idx is " +
                                    std::to_string(last_feature));
        }
        SHORTLIST_ASSIGN(std::string_view sizes, field(header, "tree_sizes"));
        std::size_t trees = 0;
        for (; !sizes.empty(); ++trees) take(sizes, ' ');
        if (trees == 0) return invalid_argument("the forest has no tree");
        return trees;
    }

    Status read_and_add_tree(std::size_t tree) {
        if (line_ != "Tree=" + std::to_string(tree)) return invalid_argument("its block is missing: found '" + printable(line_) + "'");
        SHORTLIST_ASSIGN(const Fields fields, read_fields());
        SHORTLIST_ASSIGN(const TreeText text, read_tree(fields));
        return add_tree(text);
    }

    /// Appends the tree in depth-first order, left first. Each split and leaf may be reached once: twice would be a cycle or a
    /// shared branch. When all splits are reached so are all leaves, for a split adds one child more than it takes.
    Status add_tree(const TreeText& tree) {
        const std::size_t splits = tree.features.size();
        const std::size_t node_base = forest_.trees_.nodes.size();
        Reached reached{std::vector<bool>(splits), std::vector<bool>(tree.leaf_values.size()), {}};
        SHORTLIST_ASSIGN(const std::int32_t root, reach(tree, splits == 0 ? ~0 : 0, reached));
        while (!reached.pending.empty()) {
            const Pending next = reached.pending.back();
            reached.pending.pop_back();
            SHORTLIST_ASSIGN(const std::int32_t link, reach(tree, next.child, reached));
            Trees::Node& parent = forest_.trees_.nodes[next.parent];
            (next.is_left ? parent.left : parent.right) = link;
        }
        if (forest_.trees_.nodes.size() - node_base != splits) return invalid_argument("a split cannot be reached from the root");
        forest_.trees_.trees.push_back({root, node_base, forest_.trees_.leaf_values.size(), tree.leaf_values.size()});
        forest_.trees_.leaf_values.insert(forest_.trees_.leaf_values.end(), tree.leaf_values.begin(), tree.leaf_values.end());
        add_category_sets(tree);
        return {};
    }

    /// Takes in a split or leaf of the text; returns what its parent's link becomes.
    Result<std::int32_t> reach(const TreeText& tree, std::int32_t child, Reached& reached) {
        if (child >= 0) {
            const auto place = static_cast<std::int32_t>(forest_.trees_.nodes.size());
            SHORTLIST_TRY(add_split(tree, static_cast<std::size_t>(child), reached));
            return place;
        }
        const std::size_t leaf = Trees::leaf_of(child);
        if (leaf >= reached.leaves.size()) return invalid_argument("a child is leaf " + std::to_string(leaf) + ", past the last");
        if (reached.leaves[leaf]) return invalid_argument("leaf " + std::to_string(leaf) + " has two parents");
        reached.leaves[leaf] = true;
        return ~static_cast<std::int32_t>(forest_.trees_.leaf_values.size() + leaf);
    }

    Status add_split(const TreeText& tree, std::size_t split, Reached& reached) {
        if (split >= reached.splits.size()) return invalid_argument("a child is split " + std::to_string(split) + ", past the last");
        if (reached.splits[split]) return invalid_argument("split " + std::to_string(split) + " is reached twice: the children form no tree");
        reached.splits[split] = true;
        SHORTLIST_ASSIGN(const Trees::Node node, node_of(tree, split));
        const std::size_t at = forest_.trees_.nodes.size();
        forest_.trees_.nodes.push_back(node);
        forest_.node_values_.push_back(tree.node_values[split]);
        reached.pending.push_back({tree.right[split], at, false});
        reached.pending.push_back({tree.left[split], at, true});
        return {};
    }

    /// decision_type: bit 0 categorical, bit 1 missing goes left, bits 2 and 3 what is missing (0 nothing, 1 zero and NaN, 2 NaN).
    Result<Trees::Node> node_of(const TreeText& tree, std::size_t split) const {
        const int decision = tree.decisions[split];
        if (decision < 0 || decision > 11) return invalid_argument("decision_type " + std::to_string(decision) + " is not in 0..11");
        if (tree.features[split] >= forest_.feature_count()) {
            return invalid_argument("split_feature " + std::to_string(tree.features[split]) + " is past the last feature");
        }
        Trees::Node node{};
        node.feature = tree.features[split];
        const double threshold = tree.thresholds[split];
        if ((decision & 1) != 0) {
            const double sets = tree.category_bounds.empty() ? 0.0 : static_cast<double>(tree.category_bounds.size() - 1);
            if (!(threshold >= 0.0 && threshold < sets) || threshold != std::floor(threshold)) {
                return invalid_argument("a categorical split names a set that is not there");
            }
            node.kind = Trees::Split::Categorical;
            node.category_set = static_cast<std::uint32_t>(forest_.trees_.category_sets.size()) + static_cast<std::uint32_t>(threshold);
            return node;
        }
        const int missing = decision >> 2;
        node.kind = missing == 1 ? Trees::Split::ZeroMissing : Trees::Split::Numerical;
        node.threshold = float_threshold(threshold);
        // Where nothing is known as missing, NaN counts as 0.
        node.missing_goes_left = missing == 0 ? threshold >= 0.0 : (decision & 2) != 0;
        return node;
    }

    void add_category_sets(const TreeText& tree) {
        const std::size_t base = forest_.trees_.category_words.size();
        for (std::size_t s = 0; s + 1 < tree.category_bounds.size(); ++s) {
            const std::uint32_t begin = tree.category_bounds[s];
            forest_.trees_.category_sets.push_back({static_cast<std::uint32_t>(base + begin), tree.category_bounds[s + 1] - begin});
        }
        forest_.trees_.category_words.insert(forest_.trees_.category_words.end(), tree.category_words.begin(), tree.category_words.end());
    }

    std::string_view rest_;
    std::string_view line_;
    Forest forest_;
};

Result<Forest> Forest::parse(std::string_view text) {
    auto forest = Parser(text).run();
    if (!forest) return std::move(forest).error().in("forest");
    return forest;
}

}  // namespace shortlist::models
