"""Writes evaluation.json: which 500 rated sentences the encoder is measured on, 125 of each file, chosen by the digest of their text.

Run once (`models/build/run bge-small-en pick_sentences`); the list is in git so that the evaluation cannot drift.
"""
from model_folder import write_json

from .source import FOLDER, RATED_FILES, SENTENCES, rated_sentences, text_digest

PER_FILE = 125


def main():
    rows = rated_sentences()
    chosen = []
    for kind in RATED_FILES:
        by_digest = sorted((text_digest(text), row) for row, (_, text) in rows.items() if row.startswith(kind))
        chosen += [{"id": row, "sha256": digest} for digest, row in by_digest[:PER_FILE]]
    name, version, _ = SENTENCES
    source = f"PyPI {name} {version}, source archive, *_GroundTruth.txt; sha256 is the first 16 hex digits over the text"
    write_json(FOLDER / "evaluation.json", {"source": source, "sentences": chosen})


if __name__ == "__main__":
    main()
