"""Builds models/nlp/bge-small-en from the published fp32 graph: models/build/run bge-small-en build"""
import sys

import onnx

from model_folder import write_golden, write_json, write_model, write_model_json

from . import eval as evaluation
from .graph import build_graph, two_part_form
from .rounding import rounded_matrices
from .source import MAX_TOKENS, MODEL_FOLDER, shipped_encoder, source_encoder, source_graph, source_tokenizer

EXAMPLE = [
    "The cat is asleep on the sofa.",
    "A kitten naps on the couch.",
    "The central bank raised interest rates again.",
    "Fresh snow closed the mountain road.",
]
GOLDEN_TOLERANCE = 0.006  # processors with other 8-bit kernels differ by a cosine of .9998, which is up to .004 in a value
GOLDEN = [["hello"], ["A kitten naps on the couch.", "Is it raining?"]]
# Unit vectors of 384 values whose cosine is .9995 are .0316 apart, .0016 a value; the largest single difference is some four times that.
EXAMPLE_TOLERANCE = 0.0065


def write_version():
    """1/model.onnx, 1/model.data and 1/tokenizer.json."""
    version = MODEL_FOLDER / "1"
    version.mkdir(parents=True, exist_ok=True)
    model = build_graph(source_graph(), two_part_form(rounded_matrices()))
    onnx.checker.check_model(model)
    write_model(version, model)
    (version / "tokenizer.json").write_bytes(source_tokenizer())


def write_example(encoder):
    """example.json from the fp32 source; stops if the second sentence is not the closest to the first."""
    vectors = encoder.embed(EXAMPLE)
    counts = [len(encoder.tokenizer.encode(text).ids) for text in EXAMPLE]
    likeness = vectors[1:] @ vectors[0]
    if likeness.argmax() != 0:
        raise SystemExit(f"the example is not obvious to the source model: {likeness}")
    write_json(MODEL_FOLDER / "example.json", {
        "rpc": "tributary.nlp.v1.NlpService/Embed",
        "request": {"model_name": "bge-small-en", "texts": EXAMPLE},
        "expected": {"embeddings": [{"values": [round(v, 5) for v in row.tolist()], "token_count": n} for row, n in zip(vectors, counts)]},
        "tolerance": EXAMPLE_TOLERANCE,
        "source": "fp32 source graph and tokenizer of the Maven artefact, run with Python onnxruntime and tokenizers, first token at unit length",
    })
    return vectors


def main():
    print("writing the graph", flush=True)
    write_version()
    write_model_json(MODEL_FOLDER, {
        "task": "text-embedding",
        "description": "English sentence embeddings, 384 values of unit length (BAAI bge-small-en-v1.5, 8-bit weights)",
        "options": {"tokenizer": "tokenizer.json", "maxTokens": MAX_TOKENS},
    })
    print("writing example.json and golden.json", flush=True)
    shipped = shipped_encoder()
    expected, got = write_example(source_encoder()), shipped.embed(EXAMPLE)
    largest = abs(expected - got).max()
    print(f"largest difference of the example: {largest:.4f}, tolerance {EXAMPLE_TOLERANCE}")
    if largest > EXAMPLE_TOLERANCE:
        raise SystemExit("the shipped graph misses the example's tolerance")
    requests = [shipped.feeds([shipped.tokenizer.encode(t) for t in texts]) for texts in GOLDEN]
    write_golden(MODEL_FOLDER / "golden.json", shipped.session, requests, GOLDEN_TOLERANCE)
    print("comparing with the source", flush=True)
    return evaluation.evaluate()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
