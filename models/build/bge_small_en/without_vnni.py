"""Cosine to fp32 on a processor without VNNI and AVX-512: models/build/run bge-small-en without_vnni

ONNX Runtime chooses its 8-bit kernels by the processor and has no switch for it, so ten sentences are run under user-mode QEMU as an
Intel Haswell (AVX2 only). Takes a few minutes; needs Debian's qemu-user.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from .source import evaluation_sentences, shipped_encoder, source_encoder

SENTENCES, FLOOR = 10, 0.9995
PROCESSOR = "Haswell"


def inner(path):
    """Inside QEMU: the vectors of the sentences to `path`."""
    np.save(path, shipped_encoder().embed(evaluation_sentences()[::50][:SENTENCES]))


def main():
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        raise SystemExit("qemu-x86_64 was not found; install it with `apt-get install qemu-user`")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "vectors.npy")
        # QEMU needs the real program; the name given by -0 keeps Python inside its environment.
        program = os.path.realpath(sys.executable)
        command = [qemu, "-cpu", PROCESSOR, "-0", sys.executable, program, "-m", "bge_small_en.without_vnni", str(path)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        got = np.load(path)
    texts = evaluation_sentences()[::50][:SENTENCES]
    expected, native = source_encoder().embed(texts), shipped_encoder().embed(texts)
    emulated = np.sum(expected * got, axis=1)
    print(f"cosine to fp32 as {PROCESSOR}: lowest {emulated.min():.6f}, mean {emulated.mean():.6f}; on this processor: lowest "
          f"{np.sum(expected * native, axis=1).min():.6f}; between the two: lowest {np.sum(got * native, axis=1).min():.6f}; floor {FLOOR}")
    return emulated.min() >= FLOOR


if __name__ == "__main__":
    if len(sys.argv) > 1:
        inner(sys.argv[1])
    else:
        sys.exit(0 if main() else 1)
