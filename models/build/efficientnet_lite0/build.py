"""Builds models/image/efficientnet-lite0 from the published checkpoint: models/build/run efficientnet-lite0 build"""
import base64
import io

import numpy as np
import onnx
import onnxruntime
from model_folder import tensor_json, write_json, write_model, write_model_json
from PIL import Image

from . import eval as evaluation
from . import pictures, preprocess
from .source import MODEL_FOLDER, labels, licence, source_graph
from .static_int8 import static_int8

SAMPLE = ("scikit-image", "skimage/data/coffee.png")
TOP_K = 3
# Other JPEG decoders and resizers move pixels by a few steps of 255; noise of +-3 on every pixel moved scores by up to .01.
EXAMPLE_TOLERANCE = 0.01
# The same file and the same runtime; processors differ in the order of their sums and in how they round steps.
GOLDEN_TOLERANCE = 0.02


def write_version(source, names):
    """1/model.onnx, 1/model.data and 1/labels.txt."""
    version = MODEL_FOLDER / "1"
    version.mkdir(parents=True, exist_ok=True)
    shipped = static_int8(source, pictures.calibration_crops())
    onnx.checker.check_model(shipped)
    write_model(version, shipped)
    (version / "labels.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    return shipped


def write_sample():
    """sample.jpg: the coffee cup as a JPEG; returns its bytes."""
    picture = preprocess.to_rgb(Image.open(io.BytesIO(pictures.picture_bytes(*SAMPLE))))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    (MODEL_FOLDER / "sample.jpg").write_bytes(buffer.getvalue())
    return buffer.getvalue()


def write_example(source, names, sample):
    """example.json from the float32 graph."""
    (scores,) = evaluation.session(source).run(["probabilities"], {"pixels": preprocess.pixels_of(sample)[None]})
    best = np.argsort(-scores[0], kind="stable")[:TOP_K]
    write_json(MODEL_FOLDER / "example.json", {
        "rpc": "tributary.image.v1.ImageService/Classify",
        "request": {"model_name": "efficientnet-lite0", "image": {"$file": "sample.jpg"}, "top_k": TOP_K},
        "expected": {"classes": [{"index": int(i), "label": names[i], "score": round(float(scores[0, i]), 5)} for i in best]},
        "tolerance": EXAMPLE_TOLERANCE,
        "source": "float32 graph with the published weights, pictures prepared with Pillow, run with Python onnxruntime; "
                  "its logits equal those of the source's PyTorch program within 1e-3",
    })


def write_golden(sample):
    """golden.json: what Python onnxruntime answers on the shipped file."""
    pixels = preprocess.pixels_of(sample)[None]
    shipped = onnxruntime.InferenceSession(MODEL_FOLDER / "1/model.onnx", providers=["CPUExecutionProvider"])
    (probabilities,) = shipped.run(["probabilities"], {"pixels": pixels})
    write_json(MODEL_FOLDER / "golden.json", {"tolerance": GOLDEN_TOLERANCE, "cases": [{
        "inputs": {"pixels": {"datatype": "UINT8", "shape": list(pixels.shape), "raw": base64.b64encode(pixels.tobytes()).decode()}},
        "outputs": {"probabilities": tensor_json(probabilities)}}]})


def main():
    print("writing the graph and the class names", flush=True)
    source, names = source_graph(), labels()
    shipped = write_version(source, names)
    (MODEL_FOLDER / "LICENSE").write_bytes(licence())
    write_model_json(MODEL_FOLDER, {
        "task": "image-classification",
        "description": "1000 ImageNet classes, EfficientNet-Lite0 in 8 bits",
        "batching": {"maxBatchSize": 4, "maxQueueDelayMs": 0},
        "labels": "labels.txt",
        "options": {"image": {"width": preprocess.SIZE, "height": preprocess.SIZE, "cropFraction": preprocess.CROP_FRACTION,
                              "resize": "bicubic", "layout": "NHWC", "channels": "RGB"}},
    })
    print("writing sample.jpg, example.json and golden.json", flush=True)
    sample = write_sample()
    write_example(source, names, sample)
    write_golden(sample)
    print("checking parity with the source", flush=True)
    figures = evaluation.evaluate(onnx.load(MODEL_FOLDER / "1/model.onnx"), source)
    if evaluation.missed(figures):
        raise SystemExit("\n".join(evaluation.missed(figures)))
    print(", ".join(f"{name} {value:.4g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
