"""Printing side by side (并行印刷): small processes that print, each report in a child of its own.

A worker loads the printer once and knows nothing of results; for each report it forks: the child prints, writes the
file and ends, so that its memory goes back at once, no garbage is ever collected, and a report that kills its process
kills nothing else. A report whose process died, or whose worker did, is tried once more when all others are done,
with no other beside it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import tempfile
from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty, Queue, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Lock, Thread

from ...engine.plain_words import in_plain_words
from ..writing import NO_ROOM, write_whole
from . import press
from .sheets import Look, Sheets

_WARM = (  # touches what every report does: type in all faces, a table, a drawing
    '<html lang="zh-CN"><head><title>体检</title></head><body><h1>体检 1</h1><p class="body"><b>体检</b></p>'
    '<table class="t"><tr><td>体检</td></tr></table><p class="small-heading">体检</p></body></html>'
)


@dataclass(frozen=True)
class Task:
    """Sheets to print into a file; ``number`` tells whose outcome it is."""

    number: int
    target: Path
    sheets: Sheets


@dataclass(frozen=True)
class Outcome:
    """What became of a task: the pages and SHA-256 of the file written, or the ``error``.

    ``died``: its process ended without a word. ``no_room``: no other report can be written either.
    """

    number: int
    pages: int = 0
    digest: str = ""
    error: str = ""
    died: bool = False
    no_room: OSError | None = None


def print_all(tasks: Iterable[Task], look: Look, workers: int) -> Generator[Outcome, None, None]:
    """What became of each task, as it becomes known. Tasks are asked for one by one, a few ahead of the printing.

    A process starts with the first task it is given, so that where nothing is printed none is started.
    """
    todo: Queue[Task | None] = Queue(maxsize=workers)
    done: SimpleQueue[tuple[Task, Outcome]] = SimpleQueue()
    died: list[Task] = []
    with TemporaryDirectory(prefix="tijian-print-", ignore_cleanup_errors=True) as scratch:
        desks = [_Desk(look, scratch) for _ in range(workers)]
        threads = [Thread(target=_keep_busy, args=(desk, todo, done), daemon=True) for desk in desks]
        try:
            for thread in threads:
                thread.start()
            waiting = 0
            for task in tasks:
                todo.put(task)
                waiting += 1
                finished = _finished(done, died)
                waiting -= len(finished)
                yield from (outcome for outcome in finished if not outcome.died)
            while waiting:
                task, outcome = done.get()
                waiting -= 1
                if outcome.died:
                    died.append(task)
                else:
                    yield outcome
            for task in died:
                yield desks[0].ask(task)
        finally:
            for desk in desks:
                desk.retire()
            for _ in threads:
                todo.put(None)
            for thread in threads:
                thread.join()


def _finished(done: SimpleQueue[tuple[Task, Outcome]], died: list[Task]) -> list[Outcome]:
    """All that is done by now; the tasks whose process died are added to ``died``."""
    found = []
    with suppress(Empty):
        while True:
            task, outcome = done.get_nowait()
            found.append(outcome)
            if outcome.died:
                died.append(task)
    return found


def _keep_busy(desk: _Desk, todo: Queue[Task | None], done: SimpleQueue[tuple[Task, Outcome]]) -> None:
    """One thread per worker: tasks to it and outcomes from it, until there is none left."""
    for task in iter(todo.get, None):
        done.put((task, desk.ask(task)))


class _Desk:
    """A worker process as the main process sees it: started when first asked, and again when it is gone.

    Once retired, it only says that the process is gone.
    """

    def __init__(self, look: Look, scratch: str) -> None:
        self.look, self.scratch = look, scratch
        self.process: BaseProcess | None = None
        self.line: Connection | None = None
        self.lock = Lock()  # it may be retired by the main thread while its own thread opens it
        self.retired = False

    def ask(self, task: Task) -> Outcome:
        """The outcome of a task, whatever happens to the process."""
        try:
            line = self.line or self._open()
            line.send(task)
            answer: Outcome = line.recv()
        except (EOFError, OSError):
            return _dead(task, self._gone())
        return answer

    def _open(self) -> Connection:
        context = get_context("spawn")
        with self.lock:
            if self.retired:
                raise EOFError
            self.line, theirs = context.Pipe()
            self.process = context.Process(target=serve, args=(theirs, self.look, self.scratch), daemon=True)
            self.process.start()
            theirs.close()
            return self.line

    def _gone(self) -> int | None:
        """How the process ended; another may be started."""
        with self.lock:
            process, line, self.process, self.line = self.process, self.line, None, None
        if line is not None:
            line.close()
        if process is None:
            return None
        process.join()
        return process.exitcode

    def retire(self) -> None:
        """End the process for good, whatever it does: a report is written whole or not at all."""
        with self.lock:
            self.retired = True
            if self.process is not None:
                self.process.kill()
                self.process.join()


def _dead(task: Task, code: int | None) -> Outcome:
    how = f"被信号 {-code} 终止" if code is not None and code < 0 else f"退出码 {code}"
    return Outcome(task.number, error=f"打印进程两次意外退出（{how}），可能是内存不足", died=True)


def serve(line: Connection, look: Look, scratch: str) -> None:
    """The worker process: print what comes down the line until it is closed. ``scratch`` takes the printer's own files."""
    tempfile.tempdir = scratch
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which closes the line
    with suppress(OSError):  # the printer's own files found no room: the first report will tell
        press.to_bytes(press.lay_out(_WARM, look))
    gc.collect()
    gc.freeze()
    gc.disable()
    while True:
        try:
            task = line.recv()
            line.send(_in_child(task, look))
        except (EOFError, OSError):
            return
        del task


def _in_child(task: Task, look: Look) -> Outcome:
    """Print in a child process, which cannot take this one with it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        try:
            with open(theirs, "wb") as answer:
                pickle.dump(print_here(task, look), answer)
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as answer:
        words = answer.read()
    _, status = os.waitpid(child, 0)
    if not words:
        return _dead(task, os.waitstatus_to_exitcode(status))
    outcome: Outcome = pickle.loads(words)  # noqa: S301  our own child's
    return outcome


def print_here(task: Task, look: Look) -> Outcome:
    """Print and write one report in this process. Whatever goes wrong with it is told in ``error``, never raised."""
    try:
        printed = press.print_sheets(task.sheets, look)
        write_whole(task.target, printed.data)
    except OSError as fault:
        return Outcome(
            task.number, error=in_plain_words(fault), no_room=fault if fault.errno in NO_ROOM else None
        )
    except Exception as fault:
        return Outcome(task.number, error=f"{type(fault).__name__}：{fault}")
    return Outcome(task.number, printed.pages, sha256(printed.data).hexdigest())
