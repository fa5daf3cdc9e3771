#!/usr/bin/env python3
"""Writes metrics.golden: what scikit-learn and SciPy give for seeded inputs. engine/eval/golden_test.cc compares ours.

    pip install scikit-learn scipy && tests/golden/eval/make_golden.py

A line is a case: its name, then `| field numbers...` for each input and `| expect numbers...`. Made with scikit-learn 1.9
and SciPy 1.17; a person reads the diff of a new one.
"""
import pathlib

import numpy
from scipy.spatial.distance import pdist
from scipy.stats import bootstrap
from sklearn import metrics

rng = numpy.random.default_rng(20240101)
lines = []


def case(name, expect, **fields):
    parts = [name] + [f"{key} {' '.join(repr(float(v)) for v in numpy.ravel(values))}" for key, values in fields.items()]
    lines.append(" | ".join(parts + [f"expect {' '.join(repr(float(v)) for v in numpy.ravel(expect))}"]))


def ranked_lists():
    """Lists of 30 graded items in served order; only the first `served` reach the user, all count as relevant."""
    for _ in range(12):
        grades = rng.integers(0, 4, 30) * (rng.random(30) < 0.4)
        grades[rng.integers(0, 30)] = 1
        order = numpy.arange(30, 0, -1.0)
        for k in (1, 5, 10, 30):
            # scikit-learn's gain is linear; the exponential gain is given to it as the relevance.
            case("ndcg", metrics.ndcg_score([2.0**grades - 1.0], [order], k=k), gains=grades, k=k)
            top = (numpy.arange(30) < k).astype(int)
            hit = (grades > 0).astype(int)
            case("precision", metrics.precision_score(hit, top), gains=grades, k=k)
            case("recall", metrics.recall_score(hit, top), gains=grades, k=k)
        case("average_precision", metrics.average_precision_score((grades > 0).astype(int), order), gains=grades, k=30)
        only = numpy.zeros(30, dtype=int)
        only[rng.integers(0, 30)] = 1
        case("reciprocal_rank", metrics.label_ranking_average_precision_score([only], [order]), gains=only, k=30)


def scored_rows():
    for size in (10, 200):
        for levels in (4, 1000):  # few levels make ties
            labels = (rng.random(size) < 0.3).astype(int)
            labels[:2] = (0, 1)
            scores = (rng.integers(0, levels, size) + labels * levels * 0.2).astype(numpy.float32)
            case("auc", metrics.roc_auc_score(labels, scores), scores=scores, labels=labels)
            groups = rng.integers(0, max(2, size // 8), size)
            areas, weights = [], []
            for group in numpy.unique(groups):
                rows = groups == group
                if len(set(labels[rows])) == 2:
                    areas.append(metrics.roc_auc_score(labels[rows], scores[rows]))
                    weights.append(rows.sum())
            if areas:
                case("grouped_auc", numpy.average(areas, weights=weights), scores=scores, labels=labels, groups=groups)
            probabilities = rng.random(size)
            probabilities[0] = 0.0
            case("log_loss", metrics.log_loss(labels, probabilities, labels=[0, 1]), probabilities=probabilities, labels=labels)


def lists_of_items():
    for size in (2, 3, 20):
        embeddings = rng.normal(size=(size, 8)).astype(numpy.float32)
        case("intra_list_distance", pdist(embeddings.astype(float), "cosine").mean(), embeddings=embeddings, width=8)
        categories = rng.integers(0, 5, size)
        case("intra_list_mismatch", pdist(categories[:, None], "hamming").mean(), categories=categories)


def intervals():
    for size in (30, 400):
        values = rng.beta(0.4, 2.0, size)
        result = bootstrap((values,), numpy.mean, n_resamples=20000, method="percentile", rng=rng).confidence_interval
        case("bootstrap", [values.mean(), result.low, result.high], values=values)


ranked_lists()
scored_rows()
lists_of_items()
intervals()
pathlib.Path(__file__).with_name("metrics.golden").write_text("\n".join(lines) + "\n", encoding="utf-8")
