"""A real Spark standalone cluster on loopback for tests: a master, two workers, always stopped with all they started.

Spark comes from the folder ``build/spark`` that ``scripts/setup.sh dev`` fills; it is no part of the environment the other
tests run in.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

WORKERS = 2
_HERE = "127.0.0.1"
_PATIENCE = 180.0  # seconds until all is up: a busy machine is slow
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # short lives: compiling thoroughly would not pay
_SETTINGS = """
spark.executor.memory 512m
spark.executor.cores 1
spark.cores.max {workers}
spark.driver.memory 512m
spark.sql.shuffle.partitions 4
spark.ui.enabled false
spark.driver.extraJavaOptions {java}
spark.executor.extraJavaOptions {java}
spark.eventLog.enabled true
spark.eventLog.dir file://{events}
spark.eventLog.compress false
spark.eventLog.rolling.enabled false
spark.scheduler.minRegisteredResourcesRatio 1.0
spark.scheduler.maxRegisteredResourcesWaitingTime 120s
"""


@dataclass(frozen=True)
class Cluster:
    """A running cluster: the master's address, what it says of itself, and the environment that finds Spark."""

    master: str
    status_page: str
    environment: dict[str, str]
    events: Path

    def status(self) -> dict[str, Any]:
        """What the master says of its workers and applications."""
        with urlopen(self.status_page, timeout=10) as reply:
            told: dict[str, Any] = json.load(reply)
        return told

    def tasks(self) -> dict[str, int]:
        """Executor → the tasks it finished, over all applications, from Spark's own event log."""
        counted: Counter[str] = Counter()
        for log in sorted(self.events.iterdir()):
            for line in log.read_text(encoding="utf-8").splitlines():
                event = json.loads(line)
                if (
                    event["Event"] == "SparkListenerTaskEnd"
                    and event["Task End Reason"]["Reason"] == "Success"
                ):
                    counted[event["Task Info"]["Executor ID"]] += 1
        return dict(sorted(counted.items()))


@contextmanager
def spark_cluster(root: Path, folder: Path) -> Iterator[Cluster]:
    """The cluster, its files in ``folder``."""
    packages = root / "build" / "spark"
    assert (packages / "pyspark").is_dir(), "build/spark 里没有 Spark：请先运行 scripts/setup.sh dev"
    assert shutil.which("java"), "没有 Java：请先运行 scripts/setup.sh dev"
    events, conf = folder / "events", folder / "conf"
    events.mkdir(parents=True)
    conf.mkdir()
    settings = _SETTINGS.format(workers=WORKERS, events=events, java=_JAVA)
    (conf / "spark-defaults.conf").write_text(settings, encoding="utf-8")
    environment = {
        **os.environ, "PYTHONPATH": str(packages), "SPARK_HOME": str(packages / "pyspark"), "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": _HERE, "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": _JAVA, "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    port, page = _free_ports(2)
    master = f"spark://{_HERE}:{port}"
    started: list[subprocess.Popen[bytes]] = []
    try:
        given = ["--host", _HERE, "--port", str(port), "--webui-port", str(page)]
        started.append(_start("master.Master", *given, environment=environment, log=folder / "master.log"))
        for number in range(WORKERS):
            given = ["--host", _HERE, "--webui-port", "0", "--cores", "1", "--memory", "700m",
                     "--work-dir", str(folder / f"work{number}"), master]  # fmt: skip
            log = folder / f"worker{number}.log"
            started.append(_start("worker.Worker", *given, environment=environment, log=log))
        cluster = Cluster(master, f"http://{_HERE}:{page}/json/", environment, events)
        _await_workers(cluster, started)
        yield cluster
    finally:
        for process in reversed(started):
            _stop(process)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind((_HERE, 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _start(what: str, *given: str, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A daemon in the foreground, in a process group of its own with whatever it starts."""
    command = [f"{environment['SPARK_HOME']}/bin/spark-class", f"org.apache.spark.deploy.{what}", *given]
    with log.open("wb") as out:
        return subprocess.Popen(
            command, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )


def _await_workers(cluster: Cluster, started: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert all(process.poll() is None for process in started), "a daemon of the cluster has ended"
        try:
            if cluster.status()["aliveworkers"] == WORKERS:
                return
        except OSError:
            pass  # the master is not up yet
        time.sleep(0.3)
    raise AssertionError("the cluster did not come up")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a daemon and its executors: asked first, then made to."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
