/// The stages of a request, in order. Each changes the scratch in place and cannot fail. Private to the pipeline but for tests.
#pragma once

#include "engine/pipeline/recommender.h"

namespace shortlist::pipeline {

/// What every stage reads.
struct Moment {
    const Request& request;
    const features::UserState& user;
    const World& world;
    const data::EntityTable& items;
    const data::EntityTable& users;
    features::FeatureRequest features;
};

/// Marks what may not be shown: the request's exclusions, and what the user met within the surface's hide_seen.
void mark_hidden(const Moment& moment, Scratch& scratch);
/// Asks every retriever; what may not be shown is dropped from its list.
void retrieve(const Moment& moment, Scratch& scratch);
/// Makes one list of candidates out of the proposals, or takes the caller's, best blended score first.
/// Source: reciprocal rank fusion, Cormack, Clarke & Buettcher, SIGIR 2009, with their constant 60.
void blend(const Moment& moment, Scratch& scratch);
/// Fills the retriever matrices and the feature rows.
void gather(const Moment& moment, Scratch& scratch);
/// Scores and orders the candidates; NaN never comes before a number, ties go to the lower row.
void rank(const Moment& moment, Scratch& scratch);
/// Picks the slate: the surface's diversity over the best candidates.
void compose(const Moment& moment, Scratch& scratch);

}  // namespace shortlist::pipeline
