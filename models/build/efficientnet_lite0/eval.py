"""Evaluation of models/image/efficientnet-lite0: models/build/run efficientnet-lite0 eval [--forms] [--write-source FOLDER]

--forms also compares other stored forms of the graph: time, size and parity of each.
--write-source writes what source_logits.py reads: the pixels that the source's own program is asked about, and the checkpoint.
"""
import argparse
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from . import forms, graph, pictures, preprocess
from .static_int8 import static_int8
from .source import MODEL_FOLDER, SOURCE_PICTURES, checkpoint, source_graph, source_logits

CROPS, CROP_SEED = 300, 1
SURE = 0.4  # the source graph "is sure" of a crop when its first class has this probability
FLOORS = {"same first class where the source is sure": 0.99, "logits' correlation": 0.99}
CEILINGS = {"logits against the source's PyTorch program": 1e-3, "logits alone against in a batch": 1e-5}
BATCH = 8
TIMED_RUNS = 25


def session(model):
    """One-thread session that answers logits and probabilities."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    model = graph.with_output(model, "logits", ["batch", graph.CLASSES])
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def logits_of(of, pixels):
    """Logits of every row of `pixels`, each run alone."""
    return np.concatenate([of.run(["logits"], {"pixels": row[None]})[0] for row in pixels])


def source_pixels():
    """uint8 [8,224,224,3]: the pictures that the source's program was asked about."""
    return np.stack([preprocess.pixels_of(pictures.picture_bytes(*path)) for path in SOURCE_PICTURES])


def compare(reference, got):
    """Figures of a form's logits against the source graph's on the same crops."""
    odds = np.exp(reference - reference.max(axis=1, keepdims=True))
    sure = odds.max(axis=1) / odds.sum(axis=1) >= SURE
    same = got.argmax(axis=1) == reference.argmax(axis=1)
    return {"same first class where the source is sure": same[sure].mean(), "sure crops": int(sure.sum()),
            "same first class, all crops": same.mean(), "logits' correlation": np.corrcoef(reference.ravel(), got.ravel())[0, 1]}


def evaluate(shipped, source):
    """Figures of the shipped graph, by name."""
    reference, form = session(source), session(shipped)
    crops = pictures.random_crops(pictures.named_pictures(), CROPS, CROP_SEED)
    alone = logits_of(form, crops)
    batched = form.run(["logits"], {"pixels": crops[:BATCH]})[0]
    return {**compare(logits_of(reference, crops), alone),
            "logits against the source's PyTorch program": np.abs(logits_of(reference, source_pixels()) - source_logits()).max(),
            "logits alone against in a batch": np.abs(batched - alone[:BATCH]).max()}


def missed(figures):
    """One line for every floor or ceiling that `figures` miss."""
    low = [f"{name} is {figures[name]:.4f}, must reach {floor}" for name, floor in FLOORS.items() if not figures[name] >= floor]
    high = [f"{name} differ by {figures[name]:.2g}, at most {limit}" for name, limit in CEILINGS.items() if not figures[name] <= limit]
    return low + high


def print_forms(source):
    """One line a form; the runs of all forms take turns, so a change of the machine's speed meets all alike."""
    crops, calibration = pictures.random_crops(pictures.named_pictures(), CROPS, CROP_SEED), pictures.calibration_crops()
    models = {"float32": source, "float16 weights": forms.half_weights(source), "int8 weights": forms.int8_weights(source),
              "static int8, nothing else": static_int8(source, calibration, (), correct_bias=False),
              "+ three layers float32": static_int8(source, calibration, correct_bias=False),
              "+ biases corrected (shipped)": static_int8(source, calibration),
              "same, pairs may saturate": static_int8(source, calibration, pairs=False)}
    sessions = {name: session(model) for name, model in models.items()}
    times = {name: [] for name in models}
    for _ in range(TIMED_RUNS):
        for name, of in sessions.items():
            start = time.perf_counter()
            of.run(["probabilities"], {"pixels": crops[:1]})
            times[name].append(1e3 * (time.perf_counter() - start))
    reference = logits_of(sessions["float32"], crops)
    print(f"{'form':30}  {'MB':>5}  {'ms, median (min)':>16}  {'same first class: sure, all':>27}  correlation")
    for name, model in models.items():
        figures = compare(reference, logits_of(sessions[name], crops))
        print(f"{name:30}  {model.ByteSize() / 1e6:5.2f}  {np.median(times[name]):8.1f} ({min(times[name]):.1f})  "
              f"{figures['same first class where the source is sure']:>20.4f} {figures['same first class, all crops']:.4f}  "
              f"{figures['logits' + chr(39) + ' correlation']:.5f}")


def main():
    arguments = argparse.ArgumentParser(prog="efficientnet-lite0 eval")
    arguments.add_argument("--forms", action="store_true", help="compare other stored forms of the graph")
    arguments.add_argument("--write-source", metavar="FOLDER", type=Path, help="write the input of source_logits.py and stop")
    given = arguments.parse_args()
    if given.write_source:
        np.save(given.write_source / "pixels.npy", source_pixels())
        (given.write_source / "checkpoint.pth").write_bytes(checkpoint())
        return
    source = source_graph()
    figures = evaluate(onnx.load(MODEL_FOLDER / "1/model.onnx"), source)
    for name, value in figures.items():
        print(f"{name:45} {value:.4g}" if name in CEILINGS else f"{name:45} {value:.5g}")
    if given.forms:
        print_forms(source)
    for line in missed(figures):
        print(f"FAILED: {line}", file=sys.stderr)
    sys.exit(1 if missed(figures) else 0)


if __name__ == "__main__":
    main()
