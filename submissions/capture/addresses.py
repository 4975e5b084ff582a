"""What an address says by itself: where it offers an export, and where copying cannot work."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from submissions.capture.refusals import Code

Export = Callable[[SplitResult, "re.Match[str]"], str]


def _to(template: str) -> Export:
    """The same site, at another path; `resourcekey` is a part of older Google shares."""

    def export(parts: SplitResult, match: re.Match[str]) -> str:
        address = template.format(*match.groups())
        key = parse_qs(parts.query).get("resourcekey")
        return f"{address}&resourcekey={key[0]}" if key and "?" in address else address

    return export


def _with(name: str, value: str) -> Export:
    """The same address with one more word in its query."""

    def export(parts: SplitResult, match: re.Match[str]) -> str:
        query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*query, (name, value)]), ""))

    return export


def _opened(parts: SplitResult, match: re.Match[str]) -> str:
    """Drive's older `open?id=…`."""
    found = parse_qs(parts.query).get("id", [""])[0]
    return f"https://drive.google.com/uc?export=download&id={found}" if found else parts.geturl()


DOCS, ID = r"docs\.google\.com", r"/(?:u/\d+/)?d/((?!e/)[\w-]+)(?:/(?!export).*)?"
EXPORTS: list[tuple[str, str, Export]] = [
    (DOCS, r"/document" + ID, _to("https://docs.google.com/document/d/{0}/export?format=pdf")),
    (DOCS, r"/presentation" + ID, _to("https://docs.google.com/presentation/d/{0}/export/pdf")),
    (DOCS, r"/spreadsheets" + ID, _to("https://docs.google.com/spreadsheets/d/{0}/export?format=xlsx")),
    (DOCS, r"/drawings" + ID, _to("https://docs.google.com/drawings/d/{0}/export/pdf")),
    (
        r"drive\.google\.com",
        r"/file/(?:u/\d+/)?d/([\w-]+)(?:/.*)?",
        _to("https://drive.google.com/uc?export=download&id={0}"),
    ),
    (r"drive\.google\.com", r"/open", _opened),
    (r"(?:www\.)?dropbox\.com", r"/(?:s|scl/fi)/.+", _with("dl", "1")),
    (r"(?:[\w-]+\.sharepoint\.com|onedrive\.live\.com)", r"/.+", _with("download", "1")),
    (r"github\.com", r"/([\w.-]+)/([\w.-]+)/blob/(.+)", _to("https://raw.githubusercontent.com/{0}/{1}/{2}")),
    (r"gitlab\.com", r"/(.+)/-/blob/(.+)", _to("https://gitlab.com/{0}/-/raw/{1}")),
]
HOPELESS: list[tuple[Code, str, str]] = [
    (
        Code.PLAYER,
        r"(?:.+\.)?(?:youtube\.com|youtube-nocookie\.com|youtu\.be|vimeo\.com|tiktok\.com|loom\.com)",
        ".*",
    ),
    (
        Code.PLAYER,
        r"(?:.+\.)?(?:dailymotion\.com|twitch\.tv|spotify\.com|soundcloud\.com|screencast\.com)",
        ".*",
    ),
    (Code.FOLDER, r"drive\.google\.com", r"/(?:drive/(?:u/\d+/)?)?folders?/.*|/folderview"),
    (Code.FOLDER, r"(?:www\.)?dropbox\.com", r"/(?:sh|scl/fo)/.*"),
    (Code.APPLICATION, DOCS, r"/forms/.*"),
    (
        Code.APPLICATION,
        r"(?:.+\.)?(?:canva\.com|padlet\.com|prezi\.com|genial\.ly|genially\.com|figma\.com)",
        ".*",
    ),
    (
        Code.APPLICATION,
        r"(?:.+\.)?(?:miro\.com|jamboard\.google\.com|icloud\.com|notion\.so|nearpod\.com)",
        ".*",
    ),
    (
        Code.SIGN_IN,
        r"(?:.+\.)?(?:classroom\.google\.com|mail\.google\.com|instagram\.com|facebook\.com)",
        ".*",
    ),
    (
        Code.SIGN_IN,
        r"(?:accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|login\.windows\.net)",
        ".*",
    ),
]
SIGN_IN_PATH = re.compile(
    r"/(?:log[-_]?in|sign[-_]?in|users/sign_in|sso|saml2?|oauth2?|adfs|cas|servicelogin|authwall)(?:[/.]|$)",
    re.IGNORECASE,
)


def export_of(url: str) -> str:
    """The address under which a site hands the document itself out; the same address where there is none."""
    parts = urlsplit(url)
    for host, path, export in EXPORTS:
        if re.fullmatch(host, parts.hostname or "") and (match := re.fullmatch(path, parts.path)):
            return export(parts, match)
    return url


def hopeless(url: str) -> Code | None:
    """Why a well-known address cannot be copied, before anybody is asked."""
    parts = urlsplit(url)
    for code, host, path in HOPELESS:
        if re.fullmatch(host, parts.hostname or "") and re.fullmatch(path, parts.path):
            return code
    return None


def leads_astray(url: str) -> Code | None:
    """Why a redirect need not be followed: it leads to a sign-in page, or to what cannot be copied."""
    return Code.SIGN_IN if SIGN_IN_PATH.search(urlsplit(url).path) else hopeless(url)
