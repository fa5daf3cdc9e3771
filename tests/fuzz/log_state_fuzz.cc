// Any bytes either are refused as a snapshot's state, or give one that takes further records, and whose own bytes give it again; also where users
// stay in the snapshot until they do something.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/byte_strings.h"
#include "engine/base/check.h"
#include "engine/data/catalogue.h"
#include "engine/pipeline/log_state.h"
#include "engine/store/memory_store.h"

namespace {

using namespace shortlist;

// Models that fit any catalogue with these two attributes, and keep state of every kind.
const pipeline::ModelSpec& spec() {
    static const pipeline::ModelSpec kSpec = [] {
        pipeline::ModelSpec made;
        data::SignalConfig chosen;
        chosen.type = "choose";
        made.signals.emplace_back("chosen", chosen);
        made.item_ids_sha256 = data::digest_of_ids({}, 0);
        made.retrievers.push_back({"popular", pipeline::RetrieverKind::Popularity, "chosen", /*candidates=*/3, {}});
        made.surfaces.emplace_back("home", pipeline::SurfaceConfig{});
        for (const auto* of : {"item.kind", "item x user.country", "user x item.kind", "user", "item"}) {
            features::FeatureConfig count;
            count.kind = features::FeatureKind::Count;
            count.of = of;
            count.signal = "chosen";
            count.half_life.us = kHourUs;
            made.features.push_back(count);
        }
        return made;
    }();
    return kSpec;
}

Result<std::unique_ptr<pipeline::LogState>> restore(std::string_view bytes, const features::UserBound& bound = {}) {
    base::StringReader in(bytes);
    const auto models = [](const data::Dataset& catalogue) {
        pipeline::ModelParts parts;
        parts.retrievers.resize(1);
        return pipeline::ServingModels::create(spec(), std::move(parts), catalogue);
    };
    return pipeline::LogState::restore(in, models, bound);
}

features::UserBound left_in(std::string_view bytes, store::MemoryStore& store) {
    return {&store, /*bytes=*/1, [bytes](std::uint64_t position, std::span<char> into) -> Status {
                SHORTLIST_CHECK(position <= bytes.size() && into.size() <= bytes.size() - position, position, into.size());
                std::copy_n(bytes.data() + position, into.size(), into.data());
                return {};
            }};
}

std::string bytes_of(const pipeline::LogState& state) {
    return base::bytes_written([&state](base::ByteWriter& out) { state.save(out); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto state = restore(input);
    store::MemoryStore store;
    const auto bounded = restore(input, left_in(input, store));
    SHORTLIST_CHECK(state.has_value() == bounded.has_value());
    if (!state) return 0;
    const std::string bytes = bytes_of(**state);
    const auto again = restore(bytes);
    SHORTLIST_CHECK(again.has_value(), again.error().message);
    SHORTLIST_CHECK(bytes_of(**again) == bytes, bytes.size());
    data::Event event;
    event.time = 1000 * kMinuteUs;
    event.user = "ann";
    event.item = "i1";
    event.type = "choose";
    for (const auto* taking : {&*state, &*bounded}) {
        (*taking)->take(event);
        (*taking)->take(data::Tick{1002 * kMinuteUs});
    }
    SHORTLIST_CHECK(bytes_of(**state) == bytes_of(**bounded));
    return 0;
}
