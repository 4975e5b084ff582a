"""Pictures: turned upright and drawn anew, so that only pixels go through."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from pathlib import Path

import imagehash
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from submissions.media.job import ENDING_OF, Found, Job
from submissions.media.limits import Limits
from submissions.media.webp import save_previews
from submissions.media.words import Refused

# What is read as what, and what it becomes. No browser but one shows HEIC, so it becomes JPEG.
FORMATS = {
    "image/jpeg": ("JPEG", "image/jpeg"),
    "image/png": ("PNG", "image/png"),
    "image/webp": ("WEBP", "image/webp"),
    "image/heic": ("HEIF", "image/jpeg"),
}
PLAIN = {"RGB", "RGBA", "L"}
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError)


def inspect(job: Job) -> Found:
    """Draw a picture anew, with its preview and thumb."""
    pillow_heif.register_heif_opener(thumbnails=False)
    read, content_type = FORMATS[job.content_type]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = None  # we look at the size ourselves, before anything is decoded
    try:
        with Image.open(job.path, formats=[read]) as image:
            size = image.size
            _bound(image, read, job.limits)
            picture = _redrawn(image, job.limits)
    except DAMAGED as error:
        raise Refused("picture_damaged") from error
    if content_type == "image/jpeg":
        picture = on_white(picture)
    job.progress(50)
    _save(picture, job.made(f"assessed{ENDING_OF[content_type]}"), content_type)
    return _found(job, picture, content_type, size)


def _found(job: Job, picture: Image.Image, content_type: str, size: tuple[int, int]) -> Found:
    made = save_previews(picture, job, "poster")
    return Found(
        content_type,
        ENDING_OF[content_type],
        facts={"width": picture.width, "height": picture.height, "pixels_sent": size[0] * size[1]},
        previews=made,
        phash=fingerprint_picture(picture),
    )


def _bound(image: Image.Image, read: str, limits: Limits) -> None:
    """A JPEG can be decoded at a fraction of its size; of everything else every pixel comes into memory."""
    pixels = image.width * image.height
    if pixels > limits.pixels and read == "JPEG":
        image.draft("RGB", (image.width // 2, image.height // 2))
    if image.width * image.height > limits.pixels or pixels > 4 * limits.pixels:
        raise Refused("picture_large", width=image.size[0], height=image.size[1])


def _redrawn(image: Image.Image, limits: Limits) -> Image.Image:
    """Upright, in the colours of the web, within bounds, and without anything beside its pixels."""
    image.load()
    upright = _plain(_web_colours(ImageOps.exif_transpose(image)))
    scale = min(1.0, limits.edge / max(upright.size), math.sqrt(limits.pixels / 2 / math.prod(upright.size)))
    if scale < 1:
        upright.thumbnail((max(1, int(upright.width * scale)), max(1, int(upright.height * scale))))
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    return bare


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in PLAIN:
        return image
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")


def _web_colours(image: Image.Image) -> Image.Image:
    """A phone's wide colours as sRGB: the profile does not go through, and without it they would look dull."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return (
            ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode) or image
        )
    return image


def on_white(picture: Image.Image) -> Image.Image:
    """As JPEG has it: no transparency."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _save(picture: Image.Image, path: Path, content_type: str) -> None:
    if content_type == "image/jpeg":
        picture.save(path, "JPEG", quality=90)
    elif content_type == "image/webp":
        picture.save(path, "WEBP", quality=90, method=2)
    else:
        picture.save(path, "PNG", compress_level=6)


def fingerprint_picture(picture: Image.Image) -> int:
    """The perceptual hash as a signed 64-bit number, as a database column holds it."""
    value = int(str(imagehash.phash(on_white(picture))), 16)
    return value - 2**64 if value >= 2**63 else value
