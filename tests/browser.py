"""A real headless Chromium for tests, spoken to over the DevTools protocol through a pipe: no port, no library.

The browser reads commands from its file 3 and writes replies and events to its file 4, each JSON ended by a zero byte
(``--remote-debugging-pipe``).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowDown": 40, "ArrowUp": 38}
_PATIENCE = 30.0  # seconds for one reply: a busy machine is slow
DESKTOP, PHONE = (1366, 768), (390, 844)


class Tab:
    """One tab: what it did (``events``) since the last :meth:`open`, and hands to type and click with."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._rest, self._count = to, back, b"", 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its reply; events that come meanwhile are kept."""
        self._count += 1
        held = {"id": self._count, "method": method, "params": params}
        if self._session:
            held["sessionId"] = self._session
        os.write(self._to, json.dumps(held).encode() + b"\0")
        number = self._count
        while True:
            message = self._next()
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self.events.append(message)

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._back], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            part = os.read(self._back, 1 << 16)
            assert part, "the browser has ended"
            self._rest += part
        one, self._rest = self._rest.split(b"\0", 1)
        return json.loads(one)

    def open(self, address: str, size: tuple[int, int] = DESKTOP) -> None:
        """Open an address afresh in a window of ``size`` and wait until it is loaded."""
        self.size(size)
        for one in (
            "about:blank",
            address,
        ):  # from page to page of one file a new fragment alone would load nothing
            self.events.clear()
            self.send("Page.navigate", url=one)
            while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
                self.events.append(self._next())

    def size(self, size: tuple[int, int]) -> None:
        """Make the window so wide and high (CSS pixels)."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size == PHONE
        )  # fmt: skip

    def value(self, script: str) -> Any:
        """What an expression of JavaScript is worth, as JSON; a page's own policy does not bind it."""
        told = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        """Press a key, as a hand would."""
        held = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for _ in range(times):
            self.send("Input.dispatchKeyEvent", type="keyDown", **held, **({"text": text} if text else {}))
            self.send("Input.dispatchKeyEvent", type="keyUp", **held)

    def type(self, words: str) -> None:
        """Type words where the focus is."""
        self.send("Input.insertText", text=words)

    def media(self, name: str) -> None:
        """Show the page as on ``print``; empty: as on a screen."""
        self.send("Emulation.setEmulatedMedia", media=name)

    def picture(self, path: Path) -> None:
        """Write what is to be seen as a PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def printed(self) -> bytes:
        """The page as a PDF of the size it asks for."""
        return base64.b64decode(
            self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        )

    def fetched(self) -> list[str]:
        """Every address that was asked for since the last :meth:`open`."""
        sent = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [e["params"]["request"]["url"] for e in sent]

    def complaints(self) -> list[str]:
        """Exceptions, messages to the console and what the browser logged (violations of a policy too)."""
        self.value("0")  # what is under way arrives before the reply
        held = {
            "Runtime.exceptionThrown": "exceptionDetails",
            "Runtime.consoleAPICalled": "args",
            "Log.entryAdded": "entry",
        }
        return [json.dumps(e["params"][held[e["method"]]]) for e in self.events if e.get("method") in held]


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A tab of a browser that keeps its things in ``folder`` and ends with the block."""
    program = shutil.which("chromium")
    assert program is not None, "the tests of the page need chromium: scripts/setup.sh says how to install it"
    ours, theirs = os.pipe(), os.pipe()
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (ours[0], theirs[1])]  # clear of 3 and 4
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", f"--user-data-dir={folder}", "--remote-debugging-pipe")  # fmt: skip
    quiet = os.open(os.devnull, os.O_WRONLY)
    process = os.posix_spawn(
        program, [program, *flags], os.environ, setpgroup=0,
        file_actions=[(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4), (os.POSIX_SPAWN_DUP2, quiet, 2)],
    )  # fmt: skip
    for fd in (ours[0], theirs[1], *high, quiet):
        os.close(fd)
    try:
        yield Tab(ours[1], theirs[0])
    finally:
        os.killpg(process, signal.SIGTERM)
        os.waitpid(process, 0)
        os.close(ours[1])
        os.close(theirs[0])
