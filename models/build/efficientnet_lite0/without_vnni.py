"""Parity with fp32 on a processor without VNNI and AVX-512: models/build/run efficientnet-lite0 without_vnni

ONNX Runtime chooses its 8-bit kernels by the processor and has no switch for it, so a few crops are run under user-mode QEMU as an Intel
Haswell (AVX2 only). It tells of answers alone, not of speed. Needs Debian's qemu-user.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

from . import eval as evaluation
from . import pictures
from .source import MODEL_FOLDER, source_graph

CROPS, PROCESSOR = 20, "Haswell"


def shipped():
    return evaluation.session(onnx.load(MODEL_FOLDER / "1/model.onnx"))


def main():
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        raise SystemExit("qemu-x86_64 was not found; install it with `apt-get install qemu-user`")
    crops = pictures.random_crops(pictures.named_pictures(), evaluation.CROPS, evaluation.CROP_SEED)[:: evaluation.CROPS // CROPS]
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "crops.npy"), crops)
        # QEMU needs the real program; the name given by -0 keeps Python inside its environment.
        program = os.path.realpath(sys.executable)
        command = [qemu, "-cpu", PROCESSOR, "-0", sys.executable, program, "-m", "efficientnet_lite0.without_vnni", folder]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        emulated = np.load(Path(folder, "logits.npy"))
    reference, native = evaluation.logits_of(evaluation.session(source_graph()), crops), evaluation.logits_of(shipped(), crops)
    for name, got in ((PROCESSOR, emulated), ("this processor", native)):
        figures = evaluation.compare(reference, got)
        print(f"{name}: " + ", ".join(f"{key} {value:.5g}" for key, value in figures.items()))
    print(f"largest difference of logits between the two: {np.abs(emulated - native).max():.4f}")
    return not any(evaluation.compare(reference, emulated)[name] < floor for name, floor in evaluation.FLOORS.items())


def inner(folder):
    """Inside QEMU: the logits of the crops."""
    np.save(Path(folder, "logits.npy"), evaluation.logits_of(shipped(), np.load(Path(folder, "crops.npy"))))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        inner(sys.argv[1])
    else:
        sys.exit(0 if main() else 1)
