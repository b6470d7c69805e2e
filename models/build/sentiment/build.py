"""Builds models/nlp/sentiment, a head on bge-small-en (build that first): models/build/run sentiment build"""
import sys
from pathlib import Path

import numpy as np
import onnx

from bge_small_en.source import Encoder, session, source_graph, source_tokenizer
from model_folder import write_golden, write_json, write_model_json

from . import data, head
from . import eval as evaluation

MODEL_FOLDER = Path(__file__).parents[2] / "nlp/sentiment"
EXAMPLE = [
    "I love this little camera, it works wonderfully.",
    "The committee meets on Tuesday in room four.",
    "The food was cold and the staff were rude.",
]
EXAMPLE_TOLERANCE = 0.02  # 8-bit against fp32 vectors


def write_version(rows):
    """1/model.onnx and 1/labels.txt from all rows; returns weights and bias."""
    version = MODEL_FOLDER / "1"
    version.mkdir(parents=True, exist_ok=True)
    weights, bias = head.fit(rows.vectors, rows.classes)
    model = head.build_graph(weights, bias)
    onnx.checker.check_model(model)
    (version / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (version / "labels.txt").write_text("".join(f"{label}\n" for label in data.LABELS))
    return weights, bias


def write_example(weights, bias):
    """example.json: fp32 vectors, then the head in numpy. Stops unless the three sentences come out as one of each class."""
    vectors = Encoder(source_graph(), source_tokenizer()).embed(EXAMPLE)
    results = []
    for row in head.softmax(vectors.astype(np.float64) @ weights + bias):
        best_first = np.argsort(-row)
        results.append({"labels": [{"label": data.LABELS[i], "score": round(float(row[i]), 4)} for i in best_first]})
    found = [r["labels"][0]["label"] for r in results]
    if found != ["positive", "neutral", "negative"]:
        raise SystemExit(f"the example should show one sentence of each class: {found}")
    write_json(MODEL_FOLDER / "example.json", {
        "rpc": "tributary.nlp.v1.NlpService/Classify",
        "request": {"model_name": "sentiment", "texts": EXAMPLE},
        "expected": {"results": results},
        "tolerance": EXAMPLE_TOLERANCE,
        "source": "vectors of the fp32 bge-small-en source graph with Python onnxruntime and tokenizers, then the head in numpy",
    })
    return vectors


def main():
    rows = data.Rows()
    print(f"fitting on {len(rows.ids)} rows", flush=True)
    weights, bias = write_version(rows)
    write_model_json(MODEL_FOLDER, {
        "task": "text-classification",
        "description": "Negative, neutral or positive: a head on the sentence embeddings of bge-small-en",
        "labels": "labels.txt",
        "options": {"encoder": "bge-small-en"},
    })
    vectors = write_example(weights, bias)
    graph = session(str(MODEL_FOLDER / "1/model.onnx"))
    difference = np.abs(graph.run(None, {"sentence_embedding": vectors})[0] - head.softmax(vectors @ weights + bias)).max()
    if difference > 1e-5:
        raise SystemExit(f"the graph differs from numpy by {difference}")
    write_golden(MODEL_FOLDER / "golden.json", graph, [{"sentence_embedding": vectors[:1]}, {"sentence_embedding": vectors}], tolerance=1e-5)
    print("evaluating", flush=True)
    return evaluation.evaluate(rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
