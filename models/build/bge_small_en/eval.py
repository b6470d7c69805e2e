"""Evaluation of the shipped bge-small-en against its fp32 source: models/build/run bge-small-en eval"""
import sys

import numpy as np

from .source import MODEL_FOLDER, evaluation_sentences, shipped_encoder, source_encoder

FLOORS = {"cosine to fp32, one at a time": 0.9995, "cosine to fp32, padded batches of 8": 0.9995, "cosine alone to batched": 0.9999}
LARGEST_SIZE_BYTES = 36_000_000  # graph and tokenizer together


def cosines(a, b):
    """Row by row, of unit vectors."""
    return np.sum(a.astype(np.float64) * b, axis=1)


def evaluate():
    """Prints the table; returns whether every floor is met. The floor holds for the worst sentence, not for the mean."""
    texts = evaluation_sentences()
    shipped = shipped_encoder()
    expected = source_encoder().embed(texts, batch_size=8)
    alone = shipped.embed(texts)
    batched = shipped.embed(texts, batch_size=8, by_length=False)
    measured = {
        "cosine to fp32, one at a time": cosines(expected, alone),
        "cosine to fp32, padded batches of 8": cosines(expected, batched),
        "cosine alone to batched": cosines(alone, batched),
    }
    print(f"bge-small-en: {len(texts)} sentences\n{'':38}{'lowest':>10}{'mean':>10}{'floor':>8}")
    ok = True
    for name, values in measured.items():
        ok &= bool(values.min() >= FLOORS[name])
        print(f"{name:38}{values.min():10.6f}{values.mean():10.6f}{FLOORS[name]:8}")
    size = sum(p.stat().st_size for p in (MODEL_FOLDER / "1").iterdir())
    ok &= size <= LARGEST_SIZE_BYTES
    print(f"{'files of version 1, bytes':38}{size:>10,}")
    print("all floors met" if ok else "FLOOR MISSED")
    return ok


if __name__ == "__main__":
    sys.exit(0 if evaluate() else 1)
