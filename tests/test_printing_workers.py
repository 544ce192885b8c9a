"""The processes that print: what dies takes nothing with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from tijian.reports.pdf.sheets import Look, Sheets, numbered
from tijian.reports.pdf.workers import Task, print_all

LOOK = Look("p { font-size: 10pt }")
pytestmark = pytest.mark.slow


def page(words: str, paragraphs: int = 1) -> Sheets:
    return Sheets(f"<html><head><title>t</title></head><body>{f'<p>{words}</p>' * paragraphs}</body></html>")


def tasks(folder: Path, count: int, paragraphs: int = 1) -> list[Task]:
    return [Task(n, folder / f"{n}.pdf", page(f"report {n}", paragraphs)) for n in range(count)]


def children(pid: int | None) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Deadly:
    """Sheets that end the process that receives them."""

    def __reduce__(self) -> Any:
        return os._exit, (9,)


def is_whole(path: Path) -> bool:
    return path.read_bytes().startswith(b"%PDF") and path.read_bytes().rstrip().endswith(b"%%EOF")


def test_a_killed_worker_is_replaced_and_every_report_is_printed(tmp_path: Path) -> None:
    outcomes = []
    for outcome in print_all(tasks(tmp_path, 8, 40), LOOK, 2):
        if not outcomes:
            workers = multiprocessing.active_children()
            assert len(workers) == 2
            for worker in workers:
                worker.kill()
        outcomes.append(outcome)
    assert sorted(outcome.number for outcome in outcomes) == list(range(8))
    assert [outcome.error for outcome in outcomes] == [""] * 8
    assert all(is_whole(tmp_path / f"{n}.pdf") for n in range(8))
    assert not multiprocessing.active_children()


@pytest.fixture
def killer() -> Iterator[list[int]]:
    """Kills the first process that prints a report; the list says which."""
    killed: list[int] = []
    stop = Event()

    def watch() -> None:
        while not (killed or stop.is_set()):
            for worker in multiprocessing.active_children():
                for printing in children(worker.pid)[:1]:
                    os.kill(printing, signal.SIGKILL)
                    killed.append(printing)
                    return
            time.sleep(0.002)

    thread = Thread(target=watch)
    thread.start()
    yield killed
    stop.set()
    thread.join()


def test_a_report_whose_process_was_killed_once_is_tried_again(tmp_path: Path, killer: list[int]) -> None:
    outcomes = list(print_all(tasks(tmp_path, 4, 200), LOOK, 2))
    assert len(killer) == 1
    assert sorted(outcome.number for outcome in outcomes) == [0, 1, 2, 3]
    assert [outcome.error for outcome in outcomes] == [""] * 4
    assert all(is_whole(tmp_path / f"{n}.pdf") for n in range(4))


def test_a_report_that_kills_its_process_twice_names_itself_and_the_others_are_printed(
    tmp_path: Path,
) -> None:
    deadly: Any = Deadly()
    given = tasks(tmp_path, 5)
    given[1] = Task(1, tmp_path / "1.pdf", deadly)
    outcomes = list(print_all(given, LOOK, 2))
    assert outcomes[-1].number == 1, "tried again when all others are done"
    assert "两次意外退出（退出码 9）" in outcomes[-1].error
    assert not (tmp_path / "1.pdf").exists()
    assert all(is_whole(tmp_path / f"{n}.pdf") for n in (0, 2, 3, 4))


def test_a_report_that_cannot_be_printed_says_why_and_its_process_prints_on(tmp_path: Path) -> None:
    given = tasks(tmp_path, 3)
    given[0] = Task(0, tmp_path / "0.pdf", Sheets("<html><body>&nothing;</body></html>"))
    outcomes = {outcome.number: outcome for outcome in print_all(given, LOOK, 1)}
    assert "ParseError" in outcomes[0].error
    assert [outcomes[n].error for n in (1, 2)] == ["", ""]


def test_where_nothing_is_to_be_printed_no_process_is_started() -> None:
    assert list(print_all(iter(()), LOOK, 2)) == []
    assert not multiprocessing.active_children()


def test_one_that_stops_listening_leaves_no_process_behind(tmp_path: Path) -> None:
    outcomes = print_all(tasks(tmp_path, 30, 20), LOOK, 2)
    assert next(outcomes).error == ""
    assert multiprocessing.active_children()
    outcomes.close()
    assert not multiprocessing.active_children()


def test_tables_and_figures_are_counted_in_the_order_of_the_page_with_the_excerpt_in_its_place() -> None:
    sheets = Sheets(
        "<p><?excerpt?></p><i><?number 图?></i><b><?number 表?></b><b><?number 表?></b>",
        excerpts=((9.0, "<b><?number 表?></b>"),),
    )
    assert sheets.page_with(sheets.excerpts[0][1]) == "<p><b>表1</b></p><i>图1</i><b>表2</b><b>表3</b>"
    assert sheets.page_with("") == "<p></p><i>图1</i><b>表1</b><b>表2</b>"
    assert numbered("表1") == "表1"
