// Any bytes either are refused as a snapshot's state, or give one that takes further records, and whose own bytes give it again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/byte_strings.h"
#include "engine/base/check.h"
#include "engine/data/catalogue.h"
#include "engine/pipeline/log_state.h"

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

Result<std::unique_ptr<pipeline::LogState>> restore(std::string_view bytes) {
    base::StringReader in(bytes);
    const auto models = [](const data::Dataset& catalogue) {
        pipeline::ModelParts parts;
        parts.retrievers.resize(1);
        return pipeline::ServingModels::create(spec(), std::move(parts), catalogue);
    };
    return pipeline::LogState::restore(in, models);
}

std::string bytes_of(const pipeline::LogState& state) {
    return base::bytes_written([&state](base::ByteWriter& out) { state.save(out); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto state = restore({reinterpret_cast<const char*>(data), size});
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
    (*state)->take(event);
    (*state)->take(data::Tick{1002 * kMinuteUs});
    return 0;
}
