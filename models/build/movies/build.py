"""Builds models/recommendation/movies from the ratings and checks it.   models/build/run movies build

`--record` writes the list of evaluated users anew instead of checking it.
"""
import sys

import numpy as np

from model_folder import write_golden, write_json
from movies import evaluation
from movies.dataset import load
from movies.ease import fit, liked_matrix
from movies.evaluation import Scorer, Split, evaluate, evaluated_list, report
from movies.graph import recommender
from movies.package import FOLDER, VERSION, size_held, write_items, write_settings, write_users

PARITY = 1e-3
"""Largest difference of a score, float16 graph against float64 weights; scores of recommended films are 0.1 to 2."""

SUM_TOLERANCE = 1e-4
"""How closely the contributions of an item add up to its score."""

EXAMPLE_USER, EXAMPLE_K = 146, 5


def check_parity(scorer, liked, weights):
    """Every user's list through the graph against float64 arithmetic; returns the float64 scores."""
    exact = liked @ weights
    worst = float(np.abs(scorer.scores(liked) - exact).max())
    print(f"largest difference of a score to float64: {worst:.1e} (at most {PARITY})")
    if worst > PARITY:
        raise SystemExit("the graph does not compute the weights it was made from")
    return exact


def check_promises(scorer, liked, count):
    """Sums of contributions, padding and company in a batch, on real lists."""
    lists = [np.flatnonzero(user) for user in liked]
    items = np.arange(0, count, 97)
    longest = max(map(len, lists[:16]))
    padded = [np.pad(rows, (0, longest - len(rows)), constant_values=-1) for rows in lists[:16]]
    together, shares = scorer.run(padded, np.tile(items, (16, 1)))
    if np.abs(shares.sum(1) - together[:, items]).max() > SUM_TOLERANCE:
        raise SystemExit("contributions do not add up to the score")
    for user, rows in enumerate(lists[:16]):
        alone, shares_alone = scorer.run([rows], [items])
        if not (np.array_equal(alone[0], together[user]) and np.array_equal(shares_alone[0], shares[user, : len(rows)])):
            raise SystemExit("padding or company in a batch changes an answer")
        if shares[user, len(rows) :].any():
            raise SystemExit("padding contributes")
    print("contributions add up; padding and batch-mates change no bit of an answer")


def write_example(dataset, exact, weights):
    """example.json: what user EXAMPLE_USER should see, from float64 weights."""
    rows, films = dataset.rows, dataset.films
    position = list(dataset.histories).index(EXAMPLE_USER)
    history = [r for r in dataset.histories[EXAMPLE_USER] if r.film in rows]
    scores = exact[position].copy()
    scores[[rows[r.film] for r in history]] = -np.inf
    ranked = np.argsort(-scores, kind="stable")[: EXAMPLE_K + 1]
    if np.diff(-scores[ranked]).min() < 4 * PARITY:
        raise SystemExit(f"user {EXAMPLE_USER}: neighbouring scores are too close for a stable example; choose another user")

    def because(row):
        causes = sorted((rows[r.film] for r in history if r.liked), key=lambda cause: -weights[cause, row])
        share, next_share = (float(weights[cause, row]) for cause in causes[:2])
        if share - next_share < SUM_TOLERANCE:
            raise SystemExit(f"user {EXAMPLE_USER}: the first reasons are too close for a stable example; choose another user")
        cause = films[causes[0]]
        return {"item_id": str(cause.id), "title": cause.title, "contribution": round(share, 6)}

    items = [
        {"item_id": str(films[row].id), "title": films[row].title, "score": round(float(scores[row]), 6), "because": [because(row)]}
        for row in ranked[:EXAMPLE_K]
    ]
    example = {
        "rpc": "tributary.recommendation.v1.RecommendationService/Recommend",
        "request": {"user_id": str(EXAMPLE_USER), "k": EXAMPLE_K},
        "expected": {"items": items},
        "tolerance": PARITY,
        "source": "EASE solved and scored in float64 with NumPy from the MovieLens ratings (models/build/movies/build.py); no ONNX involved",
    }
    write_json(FOLDER / "example.json", example)


def golden_requests(liked):
    """Inputs of golden.json: one film, a user's list, and a batch with padding on both inputs."""
    first, second = np.flatnonzero(liked[0]), np.flatnonzero(liked[1])[:5]
    requests = [
        ([[0]], [[0]]),
        ([first], [[0, 1, 2, 2244]]),
        ([np.pad(second, (0, 2), constant_values=-1), np.arange(7) * 300], [[10, 20, 30], [40, 50, -1]]),
    ]
    return [{"liked": np.asarray(rows, np.int64), "items": np.asarray(items, np.int64)} for rows, items in requests]


def main():
    dataset = load()
    histories = list(dataset.histories.values())
    print(f"{len(histories)} users, {sum(map(len, histories))} ratings, {len(dataset.films)} films of the model")
    if "--record" in sys.argv[1:]:
        write_json(evaluation.EVALUATED, evaluated_list(dataset, Split.of(histories)))
    figures = evaluate(dataset)
    held = report(figures)

    print("fitting on all ratings", flush=True)
    liked = liked_matrix(histories, dataset.rows)
    weights = fit(liked, figures["regularisation"])
    VERSION.mkdir(parents=True, exist_ok=True)
    (VERSION / "model.onnx").write_bytes(recommender(weights).SerializeToString())
    write_items(dataset.films)
    write_users(dataset.histories, dataset.rows)
    write_settings()

    scorer = Scorer(str(VERSION / "model.onnx"))
    exact = check_parity(scorer, liked, weights)
    check_promises(scorer, liked, len(dataset.films))
    write_example(dataset, exact, weights)
    write_golden(FOLDER / "golden.json", scorer.session, golden_requests(liked), tolerance=1e-5)
    if not (size_held() and held):
        raise SystemExit("a floor was missed")


if __name__ == "__main__":
    main()
