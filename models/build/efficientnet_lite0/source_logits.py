"""Records what the authors' own PyTorch program answers, for the parity check of the graph written by hand.

    models/build/run efficientnet-lite0 eval --write-source FOLDER    pixels.npy and checkpoint.pth
    python3 models/build/efficientnet_lite0/source_logits.py FOLDER   writes source_logits.npy beside this file

The second line needs only torch, numpy and efficientnet-lite-pytorch 0.1.0 of PyPI; Debian's python3-torch 1.13.1 made the recorded file.
"""
import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet


def main():
    folder, target = Path(sys.argv[1]), Path(__file__).with_name("source_logits.npy")
    torch.set_num_threads(1)
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(folder / "checkpoint.pth", map_location="cpu"))
    model.eval()
    normalised = (np.load(folder / "pixels.npy").astype("f4") - 127) / 128
    with torch.no_grad():
        logits = model(torch.from_numpy(normalised.transpose(0, 3, 1, 2).copy())).numpy()
    np.save(target, logits)
    print(f"{logits.shape[0]} rows in {target}")


if __name__ == "__main__":
    main()
