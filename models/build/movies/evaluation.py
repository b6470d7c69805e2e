"""Recall of the recommender on ratings it has not seen, with the weights stored and run as in the shipped file.

Split: of every user's ratings, oldest first, the first 80 % are history and the rest is the future. Targets are the films
of the future with a rating >= 4, whether or not the model knows them. Recall@10 of a user = targets among the first ten
films recommended (films of the history left out) / min(10, number of targets); the figure is the mean over users with a target.
"""
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

from movies.ease import REGULARISATIONS, fit, liked_matrix
from movies.graph import recommender

HISTORY_SHARE = 0.8
TARGET_FROM = 4
TOP = 10
FOLDS = 5
TEMPORAL_FLOOR, TEMPORAL_RATIO_FLOOR, STRANGER_RATIO_FLOOR = 0.112, 1.6, 1.5
EVALUATED = Path(__file__).with_name("evaluated.json")


@dataclass(frozen=True)
class Split:
    """Per user in ascending order of userId: what is known, and which films (movieIds) are to be found."""

    histories: list
    targets: list

    @staticmethod
    def of(histories):
        cut = [int(len(history) * HISTORY_SHARE) for history in histories]
        futures = [history[at:] for history, at in zip(histories, cut)]
        targets = [{r.film for r in future if r.stars >= TARGET_FROM} for future in futures]
        return Split([history[:at] for history, at in zip(histories, cut)], targets)


class Scorer:
    """Runs a serialised recommender graph, or the file that holds it, on one thread."""

    def __init__(self, model):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(self, liked, items=((0,),)):
        """`scores` [batch, items] and `contributions` [batch, n, m] for lists of rows [batch, n] and [batch, m]."""
        feed = {"liked": np.asarray(liked, np.int64), "items": np.asarray(items, np.int64)}
        return self.session.run(["scores", "contributions"], feed)

    def scores(self, liked):
        """Scores [users, items] of a 0/1 matrix [users, items], one call a user."""
        return np.vstack([self.run([np.flatnonzero(user)])[0] for user in liked])


def recall(scores, split, films):
    """Mean recall@10; `scores` [users, items], equal scores are ranked by row."""
    rows = {film.id: row for row, film in enumerate(films)}
    found = []
    for user, (history, targets) in enumerate(zip(split.histories, split.targets)):
        if not targets:
            continue
        ranked = scores[user].astype(np.float64)
        ranked[[rows[r.film] for r in history if r.film in rows]] = -np.inf
        best = np.argsort(-ranked, kind="stable")[:TOP]
        found.append(len(targets & {films[row].id for row in best}) / min(TOP, len(targets)))
    return float(np.mean(found))


def popularity(histories, films, liked_only=False):
    """How often each film was rated (or liked) in `histories`: [items]."""
    rows = {film.id: row for row, film in enumerate(films)}
    counts = np.zeros(len(films))
    for history in histories:
        for rating in history:
            if rating.film in rows and (rating.liked or not liked_only):
                counts[rows[rating.film]] += 1
    return counts


def with_popularity(scores, liked, counts):
    """Users who liked nothing yet get the most rated films, as the service answers them."""
    return np.where(liked.any(axis=1, keepdims=True), scores, counts)


def choose_regularisation(split, films, rows):
    """lambda with the best recall when the histories of `split` are themselves split; returns (lambda, {lambda: recall})."""
    inner = Split.of(split.histories)
    liked = liked_matrix(inner.histories, rows)
    counts = popularity(inner.histories, films)
    tried = {
        value: recall(with_popularity(liked @ fit(liked, value), liked, counts), inner, films) for value in REGULARISATIONS
    }
    return max(tried, key=tried.get), tried


def evaluate(dataset):
    """All figures of the evaluation as a dict; reads and checks the committed list of what is evaluated."""
    films, rows = dataset.films, dataset.rows
    split = Split.of(list(dataset.histories.values()))
    check_evaluated(dataset, split)
    chosen, tried = choose_regularisation(split, films, rows)

    liked = liked_matrix(split.histories, rows)
    counts = popularity(split.histories, films)
    everyone = np.tile(counts, (len(liked), 1))
    known = Scorer(recommender(fit(liked, chosen)).SerializeToString()).scores(liked)

    # A stranger is scored by a model that has never seen any of their ratings.
    fold = np.arange(len(liked)) % FOLDS
    strangers, popular_elsewhere = np.zeros_like(known), np.zeros_like(everyone)
    for f in range(FOLDS):
        model = recommender(fit(liked[fold != f], chosen)).SerializeToString()
        strangers[fold == f] = Scorer(model).scores(liked[fold == f])
        popular_elsewhere[fold == f] = popularity([h for h, g in zip(split.histories, fold) if g != f], films)

    return {
        "users": sum(bool(t) for t in split.targets),
        "targets": sum(len(t) for t in split.targets),
        "reachable": sum(len(t & rows.keys()) for t in split.targets),
        "regularisation": chosen,
        "tried": tried,
        "popularity": recall(everyone, split, films),
        "popularity_liked": recall(np.tile(popularity(split.histories, films, True), (len(liked), 1)), split, films),
        "temporal": recall(with_popularity(known, liked, counts), split, films),
        "popularity_strangers": recall(popular_elsewhere, split, films),
        "strangers": recall(with_popularity(strangers, liked, popular_elsewhere), split, films),
    }


def floors(figures):
    """Rows (name, measured, floor) of the promises about quality."""
    return [
        ("recall@10, temporal split", figures["temporal"], TEMPORAL_FLOOR),
        ("... times popularity", figures["temporal"] / figures["popularity"], TEMPORAL_RATIO_FLOOR),
        ("recall@10 of strangers, times popularity", figures["strangers"] / figures["popularity_strangers"], STRANGER_RATIO_FLOOR),
    ]


def report(figures):
    """Prints the table and returns whether all floors hold."""
    tried = ", ".join(f"{value}: {recall:.4f}" for value, recall in figures["tried"].items())
    print(f"users with a target         {figures['users']}")
    print(f"targets                     {figures['targets']}, of which the model knows {figures['reachable']}")
    print(f"lambda                      {figures['regularisation']}   (recall@10 inside the histories: {tried})")
    print("recall@10                   temporal  strangers")
    print(f"  most rated films          {figures['popularity']:.4f}    {figures['popularity_strangers']:.4f}")
    print(f"  most liked films          {figures['popularity_liked']:.4f}")
    print(f"  this model, fp16 graph    {figures['temporal']:.4f}    {figures['strangers']:.4f}")
    held = True
    for name, measured, floor in floors(figures):
        held &= measured >= floor
        print(f"{'ok  ' if measured >= floor else 'MISS'} {name}: {measured:.4f} (floor {floor})")
    return held


def evaluated_list(dataset, split):
    """What is evaluated: per user the number of targets, and a digest over all of them (the targets are ratings, hence not listed)."""
    users = list(dataset.histories)
    lines = [f"{user}:{','.join(map(str, sorted(targets)))}\n" for user, targets in zip(users, split.targets)]
    return {
        "ratings_sha256": dataset.digest,
        "targets_sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "targets_per_user": {str(user): len(targets) for user, targets in zip(users, split.targets) if targets},
    }


def check_evaluated(dataset, split):
    """Raises SystemExit when the users or targets differ from the committed list."""
    if evaluated_list(dataset, split) != json.loads(EVALUATED.read_text()):
        raise SystemExit(f"{EVALUATED.name}: users or targets are not those of the published figures")
