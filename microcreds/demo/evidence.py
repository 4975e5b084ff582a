"""Small real evidence files, made when the demo is loaded: a plan, a photo with EXIF, a film, a recording."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path

import imageio_ffmpeg
from django.conf import settings
from fpdf import FPDF
from PIL import Image, ImageDraw

PLAN = (
    ("What students already say", "In last week's discussion six students spoke and nineteen listened. They answer me, not each other."),
    ("What I want to hear", "Students take up a classmate's idea by name and add a reason or a doubt."),
    ("Opening question", "Which of these two graphs tells the truth about our lunch waste, and how would you convince Mr. B.?"),
    ("Moves I will use", "Ten seconds of wait time. 'Who can add to that?' 'What makes you say so?' A talk ring at every table."),
    ("Ways in", "Sentence frames on the table, a minute to write first, partners before the whole group, frames in Spanish and Tagalog."),
    ("How I will know", "A tally of who builds on whom, and three exit slips that answer: whose idea changed yours?"),
)  # fmt: skip
SECOND = (
    ("What changed", "I chose a source I had never seen, and I say aloud why I leave it and what I hope to find elsewhere."),
    *PLAN[2:],
)  # fmt: skip


@cache
def plan(rows: tuple[tuple[str, str], ...] = PLAN) -> bytes:
    """A one-page lesson plan as PDF."""
    page = FPDF(format="letter")
    page.set_title("Lesson plan")
    page.add_page()
    page.set_font("Helvetica", "B", 18)
    page.cell(0, 12, "Lesson plan: whose idea changed yours?", new_x="LMARGIN", new_y="NEXT")
    for heading, text in rows:
        page.set_font("Helvetica", "B", 12)
        page.cell(0, 9, heading, new_x="LMARGIN", new_y="NEXT")
        page.set_font("Helvetica", "", 11)
        page.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


@cache
def photo() -> bytes:
    """A drawn photo of a board, with the EXIF a phone would write: model, owner and place among it."""
    picture = Image.new("RGB", (960, 640), (52, 82, 78))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 920, 520), fill=(32, 49, 47), outline=(214, 190, 150), width=10)
    for row, width in enumerate((420, 640, 560, 700)):
        draw.line((100, 130 + row * 90, 100 + width, 130 + row * 90), fill=(225, 235, 230), width=9)
    for x in (140, 330, 520, 710):
        draw.ellipse((x, 540, x + 80, 620), fill=(201, 143, 104))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "Phone maker", "Phone 12", "Maya Rivera"
    exif.get_ifd(0x8825).update({1: "N", 2: (36.0, 10.0, 12.0), 3: "W", 4: (115.0, 8.0, 24.0)})
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=82, exif=exif)
    return buffer.getvalue()


def scene() -> str:
    """A board, four tables, and a turn to speak that goes from one to the next, as a filter for ffmpeg."""
    boxes = [
        (40, 28, 220, 120, "0x34564f"),
        *((62, 54 + 22 * row, 150 - 33 * row, 6, "0xa9d2cb") for row in range(3)),
    ]
    tables = enumerate(("0x733a66", "0x9a3f2a", "0x235a96", "0x56641c"))
    boxes += [(60 + 110 * number, 202, 60, 68, colour) for number, colour in tables]
    drawn = ",".join(f"drawbox=x={x}:y={y}:w={w}:h={h}:color={colour}:t=fill" for x, y, w, h, colour in boxes)
    return f"[0]{drawn}[room];[room][1]overlay=x='77+t*82':y='160+8*sin(t*6)'"


@cache
def film() -> bytes:
    """Four seconds of MP4 with sound."""
    ffmpeg = settings.FFMPEG or imageio_ffmpeg.get_ffmpeg_exe()
    sources = (
        "color=0x20312f:size=480x270:rate=12:duration=4",
        "color=0xf0b23e:size=26x26:rate=12:duration=4",
        "sine=frequency=220:duration=4,volume=0.1",
    )
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    codecs = ["-map", "2:a", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", "4"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "lesson.mp4"
        command = [
            ffmpeg,
            "-v",
            "error",
            *inputs,
            "-filter_complex",
            f"{scene()}[film]",
            "-map",
            "[film]",
            *codecs,
        ]
        subprocess.run([*command, str(target)], check=True, timeout=60)
        return target.read_bytes()


@cache
def recording() -> bytes:
    """Two seconds of WAV: a falling tone."""
    buffer = io.BytesIO()
    rate = 8_000
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        tones = (math.sin(2 * math.pi * (440 - 60 * n / rate) * n / rate) for n in range(2 * rate))
        sound.writeframes(b"".join(struct.pack("<h", int(9_000 * tone)) for tone in tones))
    return buffer.getvalue()


def for_kind(kind: str) -> tuple[str, bytes]:
    """A file name and its bytes for one evidence kind."""
    return {
        "plan": ("Lesson plan Rivera period 3.pdf", plan()),
        "video": ("IMG_2041 Rivera class.mp4", film()),
        "audio": ("Recording 7.wav", recording()),
        "photo": ("IMG_2042.jpg", photo()),
        "student-work": ("student work scan.jpg", photo()),
    }[kind]
