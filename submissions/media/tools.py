"""Where ffmpeg is. An installation without it still takes documents and pictures."""

from __future__ import annotations

import shutil

try:
    import imageio_ffmpeg
except ImportError:  # it comes with the extra `embedded`
    imageio_ffmpeg = None


def find_ffmpeg(named: str = "") -> str:
    """The program that is named, else the one on the path, else the packaged one, else nothing."""
    found = shutil.which(named or "ffmpeg")
    if found or named or imageio_ffmpeg is None:
        return found or ""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return ""
