"""Writes the fp32 graph and the sample's pixels into the build cache: models/build/run efficientnet-lite0 float32

Prints the folder: model.onnx, and inputs.json with the tensors of one run. The bench times the shipped graph against it.
"""
from model_folder import write_float32

from . import preprocess
from .source import MODEL_FOLDER, source_graph


def main():
    pixels = preprocess.pixels_of((MODEL_FOLDER / "sample.jpg").read_bytes())[None]
    print(write_float32("efficientnet-lite0", source_graph().SerializeToString(), {"pixels": pixels}))


if __name__ == "__main__":
    main()
