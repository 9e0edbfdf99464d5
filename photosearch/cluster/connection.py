"""Finding Ray, or starting it on this machine alone.

Nothing is sent to Ray's makers: whatever Ray we start was told so. A Ray that we start listens to 127.0.0.1
only, so that no other machine sees it; one of many machines is started by whoever owns them.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

from photosearch.cluster.store import sentence
from photosearch.errors import ClusterUnavailable

NAMESPACE = "photosearch"
"""In which our actors have names, on a Ray that others may use too."""

LOOPBACK = ("127.0.0.1", "::1", "[::1]", "localhost")

KNOCK_SECONDS = 5.0
"""Whoever takes no call by then is not there; Ray itself would go on trying for minutes."""


@contextmanager
def connected(address: str = "", start: bool = False) -> Iterator[None]:
    """A connection to Ray, within which its functions can be called.

    Args:
        address: HOST:PORT of its head; empty: what RAY_ADDRESS says, else that of this machine;
            `local`: start one that ends with the connection.
        start: Where none is named and none runs here, start one too.

    Raises:
        ClusterUnavailable: There is none, or it does not answer.
    """
    address = address or os.environ.get("RAY_ADDRESS", "") or _running_here()
    if address == "local":
        address, start = "", True
    if not address and not start:
        raise ClusterUnavailable(
            "No Ray cluster runs on this machine: start one with “ray start”, or name another's head with"
            " --address HOST:PORT."
        )
    host = knock(address) if address else "127.0.0.1"
    # Read when Ray is imported. The second is what makes Ray on Linux, too, take 127.0.0.1 for its address:
    # it would take the machine's instead, listen to the network, and not find what listens to 127.0.0.1.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if host in LOOPBACK:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        if address and os.path.exists(os.path.expanduser("~/.ray/auth_token")):
            # A Ray that is started on this machine asks for the token it put there, and Ray itself shows it
            # only where it was given no address.
            os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray

    terminated = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address=address or "local",
            namespace=NAMESPACE,
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterUnavailable(
            f"There is no Ray cluster at {address or 'this machine'} to work with: {sentence(error)}."
        ) from error
    finally:
        # Ray takes SIGTERM for itself, and ends without a word.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    finally:
        ray.shutdown()


def machines_of(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The nodes that may work, of all that Ray tells of, by their ids."""
    return sorted(node["NodeID"] for node in nodes if node["Alive"] and node["Resources"].get("CPU"))


def knock(address: str) -> str:
    """The host of an address, at which somebody takes calls.

    Raises:
        ClusterUnavailable: Nobody does, or it is none.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterUnavailable(
            f"“{address}” is not HOST:PORT of a Ray cluster's head, such as 10.0.0.5:6379."
        )
    try:
        with socket.create_connection((host.strip("[]"), int(port)), KNOCK_SECONDS):
            return host
    except (OSError, OverflowError) as error:
        raise ClusterUnavailable(
            f"Nothing answers at {address}, where a Ray cluster should be: {sentence(error)}."
        ) from error


def _running_here() -> str:
    """The address of a Ray that runs on this machine; empty if none does."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "raylet":
            for word in process.info["cmdline"] or ():
                if word.startswith("--gcs-address="):
                    return str(word.partition("=")[2])
    return ""
