/// What the HTTP layer asks of the engine: plain requests and answers, named as they appear in JSON. Each struct has one
/// `describe(visitor)`, from which requests are read and checked, answers are written, and the OpenAPI schemas are made.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/data/event.h"

namespace shortlist::server {

/// Rules of fields; the limits themselves are options of the server.
struct IdRule {};           ///< An id: valid UTF-8, 1 to id_bytes.
struct TextRule {};         ///< Any text of at most kTextBytes.
struct CountRule {};        ///< A number of items: 1 to k_max.
struct FlagRule {};
struct NumberRule {};       ///< Any finite number.
struct IdsRule {};          ///< At most k_max ids.
struct TimeRule {};         ///< RFC 3339 text, or microseconds since 1970 as an integer.
struct ContextRule {};      ///< Names to texts, numbers or booleans; at most kContextFields.
struct AttributesRule {};   ///< Names to values; at most kAttributesMax.
struct PositionRule {};     ///< A place in a list: 0 to kPositionMax.

inline constexpr std::size_t kTextBytes = 4096;
inline constexpr std::size_t kContextFields = 64;
inline constexpr std::size_t kAttributesMax = 256;
inline constexpr std::size_t kAttributeBytes = 65536;    ///< Longest text of an attribute.
inline constexpr std::size_t kAttributeEntries = 4096;   ///< Longest list of an attribute.
inline constexpr std::int32_t kPositionMax = 1'000'000;

using Context = std::vector<std::pair<std::string, std::string>>;

struct RecommendRequest {
    std::string request_id;  ///< The server's; events name it.
    UserId user;
    std::string surface;     ///< Empty: the project's default.
    std::size_t k = 0;       ///< 0: the surface's size.
    Context context;
    bool explain = false;
    std::vector<ItemId> exclude;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("user", user, IdRule{}, "Who the list is for; one never seen before is not an error.");
        v.field("surface", surface, TextRule{}, "Which of the project's surfaces; by default its first.");
        v.field("k", k, CountRule{}, "How many items; by default the surface's size.");
        v.field("context", context, ContextRule{}, "What is known about this request, as device or country.");
        v.field("explain", explain, FlagRule{}, "Say why each item is there.");
        v.field("exclude", exclude, IdsRule{}, "Items that must not be in the list.");
    }
};

struct RankRequest {
    std::string request_id;
    UserId user;
    std::vector<ItemId> items;
    std::string surface;
    Context context;
    bool explain = false;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("user", user, IdRule{}, "Who the items are ranked for.");
        v.required_field("items", items, IdsRule{}, "The items to rank, in any order; at least one.");
        v.field("surface", surface, TextRule{}, "Which of the project's surfaces; by default its first.");
        v.field("context", context, ContextRule{}, "What is known about this request, as device or country.");
        v.field("explain", explain, FlagRule{}, "Say why each item stands where it does.");
    }
};

struct SimilarRequest {
    std::string request_id;
    ItemId item;
    std::size_t k = 0;  ///< 0: the service's default.
};

/// One retriever that proposed an item.
struct Reason {
    std::string retriever;
    std::uint64_t rank = 0;  ///< 1 is its best.
    double score = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("retriever", retriever, "The retriever that proposed the item.");
        v.field("rank", rank, "Where it stood in that retriever's list; 1 is first.");
        v.field("score", score, "The retriever's own score; comparable only within it.");
    }
};

/// One feature that moved an item's score.
struct FeatureShare {
    std::string name;
    double value = 0;
    std::string category;  ///< Of a categorical feature, its value in words.
    double contribution = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("name", name, "The feature.");
        v.field("value", value, "Its value; null where it is missing.");
        v.field("category", category, "Its value in words, for a category; otherwise empty.");
        v.field("contribution", contribution, "What it added to the score.");
    }
};

struct RecommendedItem {
    ItemId id;
    double score = 0;
    std::string title;                   ///< Empty where the catalogue has none.
    std::vector<Reason> reasons;         ///< Filled only where explain was asked for.
    std::vector<FeatureShare> features;  ///< Likewise; the largest contributions first.

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("id", id, "The item.");
        v.field("score", score, "The ranker's score; higher is better, comparable within one answer.");
        v.field("title", title, "The item's title; empty where the catalogue has none.");
        v.explained_field("reasons", reasons, "Which retrievers proposed it.");
        v.explained_field("features", features, "Which features moved its score most.");
    }
};

struct StageTime {
    std::string stage;
    std::int64_t us = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("stage", stage, "A stage of the request path.");
        v.field("us", us, "Microseconds spent there.");
    }
};

/// The answer to recommend, rank and similar.
struct RecommendResponse {
    std::string request_id;
    std::string bundle;
    std::vector<std::string> degraded = {};
    bool logged = false;
    std::vector<RecommendedItem> items;
    std::vector<StageTime> stages;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("request_id", request_id, "Send it with the events that follow from this list.");
        v.field("bundle", bundle, "The bundle that answered.");
        v.field("degraded", degraded, "What was dropped to answer at all; empty when nothing was.");
        v.field("logged", logged, "Whether the list was logged as shown; one that was not is kept out of training.");
        v.field("items", items, "Best first.");
        v.field("stages", stages, "Where the time went.");
    }
};

using AttributeValue = std::variant<double, std::string, std::vector<std::string>, std::vector<double>>;

/// An item or a user to add or change. Attributes that are not named stay as they are.
struct Entity {
    std::string id;
    std::vector<std::pair<std::string, AttributeValue>> attributes;

    template <class Visitor>
    void describe(Visitor& v) {
        v.required_field("id", id, IdRule{}, "The id that events and requests use.");
        v.field("attributes", attributes, AttributesRule{},
                "Names to numbers, texts, lists of texts or lists of numbers, as the project file types them.");
    }
};

/// Describes any of these structs; events come from the data module and know nothing of JSON, so theirs is written here.
template <class Struct, class Visitor>
void describe_fields(Struct& object, Visitor& v) {
    object.describe(v);
}
template <class Visitor>
void describe_fields(data::Event& event, Visitor& v) {
    v.field("event_id", event.event_id, IdRule{}, "Makes a repetition harmless; by default a hash of the other fields.");
    v.field("time", event.time, TimeRule{}, "When it happened; by default now.");
    v.required_field("user", event.user, IdRule{}, "Who did it.");
    v.required_field("item", event.item, IdRule{}, "To which item.");
    v.required_field("type", event.type, IdRule{}, "What happened, as the project's signals name it: watch, like, impression.");
    v.field("value", event.value, NumberRule{}, "How much, where the type has an amount.");
    v.field("request_id", event.request_id, IdRule{}, "The list it came from.");
    v.field("position", event.position, PositionRule{}, "Where in that list the item stood; 0 is first.");
    v.field("context", event.context, ContextRule{}, "What was known then, as device or country.");
}

enum class WriteStatus { Stored, Duplicate, Rejected };

/// What became of one event, item or user of a batch.
struct WriteOutcome {
    WriteStatus status = WriteStatus::Stored;
    std::string message;  ///< Rejected: what is wrong and what is allowed.
    std::string field;    ///< Rejected: the field at fault, where there is one.
};

struct Readiness {
    bool ready = false;
    std::string bundle;
    std::string reason;  ///< Why it is not ready.
    std::vector<std::string> degraded = {};

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("ready", ready, "Whether requests are answered.");
        v.field("bundle", bundle, "The bundle that answers.");
        v.field("reason", reason, "Why it is not ready; otherwise empty.");
        v.field("degraded", degraded, "What it does without for now; empty where all is well.");
    }
};

struct Reloaded {
    std::string bundle;
    std::string previous;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("bundle", bundle, "The bundle that answers now.");
        v.field("previous", previous, "The one that answered before; the same where nothing newer was promoted.");
    }
};

/// What there was of a user who is forgotten now.
struct ForgottenUser {
    std::string user;
    std::uint64_t events = 0;
    std::uint64_t updates = 0;
    std::uint64_t lists = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("user", user, "Who was forgotten.");
        v.field("events", events, "Events that were removed, imported and live.");
        v.field("updates", updates, "Changes of their attributes that were removed.");
        v.field("lists", lists, "Lists served to them that were removed from the log.");
    }
};

/// A number that the service keeps, as /metrics shows it.
struct ServiceMetric {
    std::string name;  ///< snake_case with its unit last; "shortlist_" is put in front.
    std::string help;
    double value = 0;
    bool is_counter = false;  ///< Only ever grows while the process lives.
};

/// Hears what became of the entries of one call, in their order, or why none of them was stored. Any thread may call it; it must not wait there.
using WriteDone = std::function<void(Result<std::vector<WriteOutcome>> outcomes)>;

/// Any thread may call any member, several at once. Errors say why the whole call failed; what is wrong with one entry of a batch is in its outcome.
class Service {
public:
    virtual ~Service() = default;

    /// Fast enough for the thread that serves connections: no disk, no lock held long. Errors: InvalidArgument (surface), Unavailable.
    virtual Result<RecommendResponse> recommend(const RecommendRequest& request) = 0;
    virtual Result<RecommendResponse> rank(const RankRequest& request) = 0;
    /// Errors: as recommend, and NotFound (item).
    virtual Result<RecommendResponse> similar(const SimilarRequest& request) = 0;

    /// Waits for nothing; `done` is called once, perhaps before this returns. An event of time 0 happened now. What is Stored then survives a
    /// crash, and the user's next request sees it.
    virtual void store_events(std::vector<data::Event> events, WriteDone done) = 0;
    virtual void upsert_items(std::vector<Entity> items, WriteDone done) = 0;
    virtual void upsert_users(std::vector<Entity> users, WriteDone done) = 0;
    /// Removes everything that is kept of a user; their next request is a newcomer's. May take as long as a restart.
    /// Errors: NotFound (user), Unavailable.
    virtual Result<ForgottenUser> forget_user(const UserId& user) = 0;
    /// Serves the promoted bundle from now on; requests under way keep theirs.
    virtual Result<Reloaded> reload() = 0;

    virtual Readiness readiness() = 0;
    virtual std::vector<ServiceMetric> metrics() = 0;
};

}  // namespace shortlist::server
