#include "engine/project/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "engine/base/text.h"

namespace shortlist::project {

namespace {

using base::ConfigNode;
using base::ConfigPosition;
using Kind = ConfigNode::Kind;

ConfigPosition position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool is_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), base::is_digit); }

// 010 is 8 in YAML 1.1, 10 in YAML 1.2, and a text to whoever writes a postcode.
bool begins_with_zero(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    const std::string_view whole = text.substr(0, text.find('.'));
    return whole.size() > 1 && whole.front() == '0' && is_digits(whole) && (whole.size() == text.size() || is_digits(text.substr(whole.size() + 1)));
}

bool is_not_finite(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    return text == ".nan" || text == ".NaN" || text == ".NAN" || text == ".inf" || text == ".Inf" || text == ".INF";
}

// What a project file may not have; thrown through the parser, which has no other way to be stopped.
class Refusal final : public YAML::Exception {
public:
    using Exception::Exception;
};

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) { throw Refusal(mark, "the file has " + what); }

// The parser itself gives "?" to what stands plain and "!" to what stands in quotes.
void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag != "?" && tag != "!") refuse(mark, "a tag (" + base::printable(tag) + "); leave it out");
}

// Builds the tree from the parser's events. Seeing aliases as events, it never expands one.
class TreeBuilder final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse(mark, "an anchor (&name); write the value out instead"); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "an alias (*name); write the value out instead"); }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        if (expects_key()) refuse(mark, "a key that is empty or null; keys are text");
        ConfigNode node;
        node.at = position_of(mark);
        place(std::move(node));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
        check_tag(mark, tag);
        const bool plain = tag == "?";
        if (expects_key()) return take_key(mark, value, plain);
        if (plain && begins_with_zero(value)) {
            refuse(mark, "'" + base::printable(value) + "', a number that begins with a zero; leave the zero out, or put text in quotes");
        }
        if (plain && is_not_finite(value)) refuse(mark, "'" + value + "'; numbers must be finite");
        ConfigNode node = base::scalar_node(value);
        node.quoted = !plain;
        node.at = position_of(mark);
        place(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
        open(mark, tag, Kind::Sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
        open(mark, tag, Kind::Map);
    }
    void OnMapEnd() override { close(); }

    ConfigNode root;

private:
    struct Key {
        std::string text;
        ConfigPosition at;
    };

    [[nodiscard]] bool expects_key() const { return !open_.empty() && open_.back().kind == Kind::Map && !keys_.back(); }

    void take_key(const YAML::Mark& mark, const std::string& text, bool plain) {
        if (plain && text == "<<") refuse(mark, "a merge key (<<); write the keys out instead");
        if (const ConfigNode* earlier = open_.back().find(text)) {
            refuse(mark, "the key '" + base::printable(text) + "' twice; the first is in line " + std::to_string(earlier->key_at.line));
        }
        keys_.back() = Key{text, position_of(mark)};
    }

    void open(const YAML::Mark& mark, const std::string& tag, Kind kind) {
        check_tag(mark, tag);
        if (expects_key()) refuse(mark, "a key that is a list or a map; keys are text");
        if (open_.size() >= kYamlDepthMax) refuse(mark, "more than " + std::to_string(kYamlDepthMax) + " levels");
        ConfigNode node;
        node.kind = kind;
        node.at = position_of(mark);
        open_.push_back(std::move(node));
        keys_.emplace_back();
    }

    void close() {
        ConfigNode node = std::move(open_.back());
        open_.pop_back();
        keys_.pop_back();
        place(std::move(node));
    }

    // Puts a finished node where it belongs: under the pending key, behind the last item, or at the root.
    void place(ConfigNode node) {
        if (open_.empty()) {
            root = std::move(node);
            return;
        }
        if (auto& key = keys_.back()) {
            node.key = std::move(key->text);
            node.key_at = key->at;
            key.reset();
        }
        open_.back().children.push_back(std::move(node));
    }

    std::vector<ConfigNode> open_;           // the maps and lists around the current place
    std::vector<std::optional<Key>> keys_;   // for each, the key that waits for its value
};

Error error_at(const std::string& file, ConfigPosition at, const std::string& message) {
    return base::invalid_argument(file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + message);
}

ConfigPosition position_in(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n');
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    return {static_cast<int>(line), static_cast<int>(line_start == std::string_view::npos ? offset + 1 : offset - line_start)};
}

// What can be refused before any parsing.
Status check_bytes(std::string_view text, const std::string& file) {
    if (text.size() > kYamlBytesMax) {
        return base::invalid_argument(file + ": has " + base::format_bytes(text.size()) + "; at most " + base::format_bytes(kYamlBytesMax) +
                                      " are allowed");
    }
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return error_at(file, position_in(text, nul), "the file has a NUL byte; it must be text");
    if (!base::is_valid_utf8(text)) {
        // The longest valid prefix ends where the fault is: bisect on line starts, which never cut a character.
        std::size_t start = 0;
        for (std::size_t end = text.find('\n'); end != std::string_view::npos && base::is_valid_utf8(text.substr(start, end - start));
             end = text.find('\n', start)) {
            start = end + 1;
        }
        return error_at(file, position_in(text, start), "the line is not valid UTF-8; save the file as UTF-8");
    }
    if (const auto tab = text.find('\t'); tab != std::string_view::npos) {
        return error_at(file, position_in(text, tab), "the file has a tab; use spaces (in double quotes, write \\t)");
    }
    return {};
}

}  // namespace

Result<ConfigNode> parse_yaml(std::string_view text, const std::string& file) {
    SHORTLIST_TRY(check_bytes(text, file));
    TreeBuilder builder;
    try {
        // The library takes an unclosed quote for closed when the text ends with a line feed.
        std::istringstream stream{std::string(text.substr(0, text.find_last_not_of(" \r\n") + 1))};
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        TreeBuilder second;
        if (parser.HandleNextDocument(second)) {
            return base::invalid_argument(file + ": the file has more than one document (---); keep one");
        }
    } catch (const Refusal& refusal) {
        return error_at(file, position_of(refusal.mark), refusal.msg);
    } catch (const YAML::Exception& exception) {
        return error_at(file, position_of(exception.mark), "this is not valid YAML: " + exception.msg);
    }
    return std::move(builder.root);
}

Result<std::string> read_yaml_text(const std::filesystem::path& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) return base::not_found("there is no file '" + path.string() + "'");
    std::ifstream stream(path, std::ios::binary);
    std::string text(kYamlBytesMax + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad() || !stream.is_open()) return base::unavailable("cannot read '" + path.string() + "'");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

}  // namespace shortlist::project
