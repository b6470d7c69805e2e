"""Labelled sentences for the sentiment head: rated texts of vaderSentiment (MIT) as vectors of the shipped encoder, classes and folds.

A row's score is the mean over some twenty raters, -4 to 4. Rows nearer to zero than NEUTRAL_BELOW are neutral: raters of such rows
disagree about the sign or call them neutral themselves.
"""
import hashlib

import numpy as np

import fetch
from bge_small_en.source import MODEL_FOLDER as ENCODER_FOLDER
from bge_small_en.source import rated_sentences, shipped_encoder

LABELS = ["negative", "neutral", "positive"]
NEUTRAL_BELOW = 0.5
FOLDS = 5


class Rows:
    """All rated rows: `ids`, `scores`, unit `vectors` [n, 384], `classes` (index into LABELS) and `folds`."""

    def __init__(self):
        rated = rated_sentences()
        self.ids = list(rated)
        self.kinds = np.array([row.split("/")[0] for row in rated])
        self.scores = np.array([score for score, _ in rated.values()])
        self.vectors = _vectors([text for _, text in rated.values()])
        self.classes = np.where(np.abs(self.scores) < NEUTRAL_BELOW, 1, np.where(self.scores < 0, 0, 2))
        self.folds = np.array([fold_of(row) for row in self.ids])


def fold_of(row):
    """Fold 0 to 4 of a row. Sentences of one review ("amazonReviewSnippets/12_3") share a fold, so none is judged by its neighbours."""
    return int(hashlib.sha256(row.rsplit("_", 1)[0].encode()).hexdigest(), 16) % FOLDS


def _vectors(texts):
    """Vectors of all texts (some minutes on one core), kept in the build cache under the digest of encoder and texts."""
    state = hashlib.sha256("\0".join(texts).encode())
    for name in ("model.onnx", "tokenizer.json"):
        state.update(fetch.sha256(ENCODER_FOLDER / "1" / name).encode())
    path = fetch.CACHE / f"sentiment-vectors-{state.hexdigest()[:16]}.npy"
    if not path.exists():
        print(f"encoding {len(texts)} sentences, kept in the build cache", flush=True)
        with open(path.with_suffix(".part"), "wb") as file:
            np.save(file, shipped_encoder().embed(texts, batch_size=8, progress="encoded"))
        path.with_suffix(".part").rename(path)
    return np.load(path)
