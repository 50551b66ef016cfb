"""A connection to a Ray cluster, or a cluster of this machine alone that ends with it."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bifolio.cluster.errors import ClusterLost
from bifolio.ingest import Message, message

# Nothing is told to Ray's makers. (A reader dies with its worker by our own doing: Ray's option
# for that makes this process ignore how all of its children end.)
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
# Ray gives its own processes half a minute to start, which a busy machine does not.
PATIENT = {
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "300",
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_worker_register_timeout_seconds": "300",
}
# Seconds until a cluster is taken to be gone.
_KNOCK = 10.0
# Bytes of shared memory for what is between two steps, in a cluster of this machine alone.
_STORE = 400_000_000


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Give Ray, connected to the cluster at an address, or with one of this machine alone.

    Raises:
        ClusterLost: there is no cluster there, or Ray is not installed.
    """
    for name, value in (_QUIET | PATIENT).items():
        os.environ.setdefault(name, value)
    try:
        ray = import_module("ray")
    except ImportError as problem:
        sentence = "--engine ray: `pip install 'bifolio[ray]'` first"
        raise ClusterLost(message("no-ray", sentence)) from problem
    own = not ray.is_initialized()
    if own:
        _start(ray, address)
    try:
        yield ray
    finally:
        if own:
            ray.shutdown()


def _start(ray: Any, address: str | None) -> None:
    options: dict[str, Any] = {
        "configure_logging": True,
        "logging_level": logging.ERROR,
        "log_to_driver": False,
    }
    if address is None:
        # Reached from this machine only.
        options |= {"address": "local", "_node_ip_address": "127.0.0.1"}
        options |= {"include_dashboard": False, "object_store_memory": _STORE}
    else:
        options |= {"address": address}
    try:
        _knock(address)
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError, OSError) as problem:
        raise ClusterLost(_unreachable(address or "local", problem)) from problem


def _knock(address: str | None) -> None:
    """Look whether anybody listens there: Ray itself tries for minutes.

    Raises:
        OSError: nobody does.
    """
    host, _, port = (address or "").rpartition(":")
    if host and "/" not in host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK).close()


def _unreachable(address: str, problem: Exception) -> Message:
    said = str(problem).strip().splitlines()
    return message(
        "no-cluster",
        "no Ray cluster of this version answers at {address} ({problem}); start one with"
        " `ray start --head`, or leave --address out to use this machine alone",
        address=address,
        problem=said[0][:200] if said else type(problem).__name__,
    )
