"""What carries a page's bytes: slowly, not at all, or as on a phone."""

from __future__ import annotations

from playwright.sync_api import Page

SLOW = 400 * 1024  # bytes a second
# A phone, as its browser tells about it: on the mobile net, and asked to stay awake.
PHONE = """
    Object.defineProperty(navigator, "connection", { value: Object.assign(new EventTarget(), { type: "cellular" }) });
    window.awake = 0;
    const lock = () => Object.assign(new EventTarget(), { release: async () => { window.awake -= 1; } });
    Object.defineProperty(navigator, "wakeLock", { value: { request: async () => { window.awake += 1; return lock(); } } });
"""


class Line:
    """What carries the page's bytes; what goes up, goes up slowly until `quick()`."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.slow()

    def slow(self, speed: float = SLOW, *, offline: bool = False) -> None:
        limits = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed}
        self.session.send("Network.emulateNetworkConditions", limits)

    def cut(self) -> None:
        self.slow(offline=True)

    def quick(self) -> None:
        self.slow(-1)
