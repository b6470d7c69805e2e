"""The reference for turning a picture into the model's pixels, with Pillow. The image service is held to it by fixtures.

1. First frame; EXIF orientation applied; embedded colour profiles are not applied.
2. 8-bit RGB: grey is repeated, 16 bits keep the high byte, CMYK becomes (255 - ink) * (255 - black) / 255 of its
   ink values (0 = no ink), transparent pixels are laid over white.
3. Centre square, `CROP_FRACTION` of the shorter side: side = floor(fraction * shorter), offset = floor((length - side + 1) / 2),
   as the EfficientNet authors' evaluation crops.
4. Resized to 224 x 224 with the bicubic filter (a = -0.5) whose support grows when shrinking.
"""
import io

import numpy as np
from PIL import Image, ImageOps

CROP_FRACTION = 0.875
SIZE = 224


def to_rgb(image):
    """An 8-bit RGB copy of any picture, upright, transparent parts white."""
    image.seek(0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        # Pillow's own conversion clips 16-bit grey at 255 instead of scaling it
        image = Image.fromarray((np.asarray(image).astype("u4") >> 8).astype("u1"))
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def centre_square(width, height, fraction=CROP_FRACTION):
    """The box (left, top, right, bottom) of the crop in a picture of width x height pixels."""
    side = max(1, int(fraction * min(width, height)))
    left, top = (width - side + 1) // 2, (height - side + 1) // 2
    return left, top, left + side, top + side


def crop_and_resize(image, box):
    """`box` of an RGB picture as uint8 [224,224,3]."""
    return np.asarray(image.crop(box).resize((SIZE, SIZE), Image.Resampling.BICUBIC))


def pixels_of(encoded):
    """An encoded picture (bytes) as the model's input row, uint8 [224,224,3]."""
    image = to_rgb(Image.open(io.BytesIO(encoded)))
    return crop_and_resize(image, centre_square(*image.size))
