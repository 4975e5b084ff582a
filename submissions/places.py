"""The places an assessor cites: in words that stand on their own, and one click away in her own evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from submissions.models import Artifact, Content
from submissions.queries import Whole

STREAMS = ("video_720", "video_360", "audio")
QUOTED = 140  # characters of a passage in a link


@dataclass(frozen=True)
class Place:
    """One cited place. `artifact` is None for an answer, and for a piece that is not there any more."""

    kind: str
    words: str
    url: str
    text: str  # what the note says
    name: str  # of the piece or the question
    artifact: Artifact | None = None
    answer: str = ""
    at: Mapping[str, Any] = field(default_factory=dict)

    @property
    def look(self) -> str:
        """How its page shows it: video, audio, image, text, file or gone."""
        if self.artifact is None:
            return "text" if self.answer else "gone"
        if self.artifact.state != Artifact.State.READY:
            return "gone"
        if self.artifact.kind == Artifact.Kind.TEXT or self.kind == "passage":
            return "text"
        family = self.artifact.content_type.split("/")[0]
        if family in {"video", "audio"}:
            return family
        return "image" if self.picture else "file"

    @property
    def fragment(self) -> str:
        """Where to, as every browser understands it: seconds of a recording, the page of a document."""
        if self.kind == "time":
            start, end = number(self.at.get("start")), number(self.at.get("end"))
            return f"#t={start:g},{end:g}" if end > start else f"#t={start:g}"
        page = int(number(self.at.get("page"))) if self.kind == "region" else 0
        return f"#page={page}" if page > 1 else ""

    @property
    def file(self) -> str:
        return reverse("artifact-file", args=[self.artifact.pk]) if self.artifact else ""

    @property
    def stream(self) -> str:
        """The version that plays in every browser."""
        return self._preview(next((one for one in STREAMS if one in self._drawn), ""))

    @property
    def captions(self) -> str:
        return self._preview("captions" if "captions" in self._drawn else "")

    @property
    def picture(self) -> str:
        """What a region lies on: the picture itself, or the page of the document."""
        if self.artifact is None:
            return ""
        page = f"page_{int(number(self.at.get('page'))) or 1}"
        if page in self._drawn:
            return self._preview(page)
        if self.artifact.content_type.startswith("image/"):
            return self._preview("poster" if "poster" in self._drawn else "") or self.file
        return self._preview("first_page") if page == "page_1" and "first_page" in self._drawn else ""

    @property
    def box(self) -> dict[str, float]:
        """The region in thousandths of the picture."""
        return {name: round(1000 * min(max(number(self.at.get(name)), 0), 1), 1) for name in BOX}

    @property
    def whole_text(self) -> str:
        if self.artifact is None:
            return self.answer
        return self.artifact.text or getattr(self.artifact.content, "text", "")

    @property
    def cut(self) -> tuple[str, str, str]:
        """The text before, in and after the passage; found again by its words where the count of characters differs."""
        return cut(self.whole_text, self.at)

    @property
    def quote(self) -> str:
        return str(self.at.get("quote", ""))

    @property
    def _drawn(self) -> list[str]:
        return list(getattr(self.artifact, "drawn", ()))

    def _preview(self, kind: str) -> str:
        return reverse("artifact-preview", args=[self.artifact.pk, kind]) if kind and self.artifact else ""


BOX = ("x", "y", "width", "height")


def places_of(whole: Whole, criterion: Mapping[str, Any]) -> list[Place]:
    """The places cited on one criterion of this attempt."""
    given = whole.outcomes[criterion["id"]]["places"]
    return [_place(whole, criterion["key"], number_, row) for number_, row in enumerate(given, 1)]


def _place(whole: Whole, key: str, at: int, row: Mapping[str, Any]) -> Place:
    artifact = next((one for one in whole.artifacts if str(one.pk) == row.get("artifact")), None)
    question = next((one for one in whole.template["questions"] if one["key"] == row.get("question")), None)
    titles = {"contribution": _("Your contribution"), "ai_use": _("Help of AI")}
    extra = {name: getattr(whole.submission, name) for name in titles}
    asked = str(row.get("question") or "")
    name = artifact.title if artifact else question["prompt"] if question else titles.get(asked, "")
    place = row.get("place") or {}
    if row.get("kind") == "words":
        name = str(row.get("text", ""))
    return Place(
        kind=str(row.get("kind", "")),
        words=words_of(str(row.get("kind", "")), place, name or _("a piece that is no longer there")),
        url=reverse("submission-place", args=[whole.submission.pk, key, at]),
        text=str(row.get("text", "")),
        name=name,
        artifact=artifact,
        answer=whole.submission.answers.get(asked, "") or extra.get(asked, ""),
        at=place,
    )


def words_of(kind: str, place: Mapping[str, Any], name: str) -> str:
    """The place in a sentence, for whoever cannot follow the link; of the kind `words` there is no link at all."""
    if kind == "words":
        return name
    if kind == "time":
        return _("at %(clock)s in %(name)s") % {"clock": clock(number(place.get("start"))), "name": name}
    if kind == "region":
        page = int(number(place.get("page")))
        if page > 1:
            return _("on page %(page)d of %(name)s") % {"page": page, "name": name}
        return _("a part of %(name)s") % {"name": name}
    quote = " ".join(str(place.get("quote", "")).split())
    short = quote if len(quote) <= QUOTED else quote[: QUOTED - 1].rstrip() + "…"
    return _("“%(quote)s” in %(name)s") % {"quote": short, "name": name}


def clock(seconds: float) -> str:
    """06:48, or 1:06:48."""
    hours, rest = divmod(int(seconds), 3600)
    shown = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{shown}" if hours else shown


def number(value: Any) -> float:
    """A number that was stored; nonsense is the beginning."""
    return float(value) if isinstance(value, int | float) else 0.0


def cut(text: str, place: Mapping[str, Any]) -> tuple[str, str, str]:
    """`text` around the passage. Its place was counted in the text as shown; here the words decide."""
    start, end = int(number(place.get("start"))), int(number(place.get("end")))
    quote = str(place.get("quote", ""))
    if not quote or text[start:end] == quote:
        return text[:start], text[start:end], text[end:]
    found = nearest(text, quote, start)
    if found < 0:
        return text, "", ""
    return text[:found], text[found : found + len(quote)], text[found + len(quote) :]


def nearest(text: str, quote: str, start: int) -> int:
    """Where `quote` stands next to `start`; -1 where it does not."""
    places: list[int] = []
    at = text.find(quote)
    while at >= 0 and len(places) < 1000:
        places.append(at)
        at = text.find(quote, at + 1)
    return min(places, key=lambda one: abs(one - start), default=-1)


def with_text(place: Place) -> None:
    """The words of a file, where a passage of it is cited; other places need none."""
    if place.artifact is not None and place.kind == "passage":
        place.artifact.content = Content.objects.filter(artifacts=place.artifact).first()
