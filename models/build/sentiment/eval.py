"""Evaluation of the sentiment head by five folds: models/build/run sentiment eval

Every row is judged by a head of the shipped form (three classes) that was fitted without its fold. For two classes the neutral share is
taken away and the sign of the score decides; rows whose score is exactly 0 have no sign and are left out there.
"""
import sys

import numpy as np

from . import data, head

FLOORS = {"two classes": 0.83, "two classes, clear opinion": 0.875}
CLEAR_BEYOND = 0.5
LARGEST_CALIBRATION_ERROR = 0.05
BINS = 15


def calibration_error(probabilities, classes):
    """Expected calibration error of the likeliest class, in BINS bins of equal width."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == classes
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return sum(np.abs(right[bins == b].mean() - sure[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins))


def cross_validate(rows):
    """Probabilities [n, 3] of every row from the head that did not see its fold."""
    probabilities = np.empty((len(rows.ids), 3))
    for fold in range(data.FOLDS):
        print(f"  fold {fold + 1} of {data.FOLDS}", flush=True)
        held = rows.folds == fold
        weights, bias = head.fit(rows.vectors[~held], rows.classes[~held])
        probabilities[held] = head.softmax(rows.vectors[held] @ weights + bias)
    return probabilities


def evaluate(rows):
    """Prints the table; returns whether every floor is met."""
    p = cross_validate(rows)
    three = p.argmax(axis=1) == rows.classes
    two = (p[:, 2] > p[:, 0]) == (rows.scores > 0)
    signed, clear = rows.scores != 0, np.abs(rows.scores) > CLEAR_BEYOND
    print(f"sentiment: {len(rows.ids)} rows, five folds\n{'':28}{'rows':>7}{'two':>8}{'clear':>8}{'three':>8}{'calibration error':>20}")
    for kind in [*dict.fromkeys(rows.kinds), "all"]:
        here = (rows.kinds == kind) | (kind == "all")
        print(f"{kind:28}{here.sum():7}{two[here & signed].mean():8.4f}{two[here & clear].mean():8.4f}{three[here].mean():8.4f}"
              f"{calibration_error(p[here], rows.classes[here]):20.4f}")
    print(f"{'floor':28}{'':7}{FLOORS['two classes']:8}{FLOORS['two classes, clear opinion']:8}{'':8}{LARGEST_CALIBRATION_ERROR:20}")
    table = np.array([[np.mean(p[rows.classes == i].argmax(axis=1) == j) for j in range(3)] for i in range(3)])
    for label, shares in zip(data.LABELS, table):
        print(f"{label + ' rows are called':28}" + ", ".join(f"{name} {share:.3f}" for name, share in zip(data.LABELS, shares)))
    ok = (two[signed].mean() >= FLOORS["two classes"] and two[clear].mean() >= FLOORS["two classes, clear opinion"]
          and calibration_error(p, rows.classes) <= LARGEST_CALIBRATION_ERROR)
    print("all floors met" if ok else "FLOOR MISSED")
    return ok


if __name__ == "__main__":
    sys.exit(0 if evaluate(data.Rows()) else 1)
