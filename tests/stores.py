"""Two S3 servers to test against: moto takes nearly everything, nanio checks every signature."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from moto.server import ThreadedMotoServer

BUCKET = "evidence"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "only-for-tests"}


def storage_url(endpoint: str) -> str:
    """What STORAGE_URL says for one of these servers; the environment needs `CREDENTIALS`."""
    return f"s3://{BUCKET}?endpoint={endpoint}&region=us-east-1"


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """The address of moto, with an empty bucket."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        _make_bucket(f"http://{host}:{port}")
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextlib.contextmanager
def nanio(directory: Path) -> Iterator[str]:
    """The address of nanio, in a process of its own, with an empty bucket."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--data-dir", str(directory), "--log-level", "error", "--no-access-log"]
    keys = {
        "NANIO_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "NANIO_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    process = subprocess.Popen(command, env={**os.environ, **keys})
    try:
        _make_bucket(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _make_bucket(endpoint: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )
    for patience in range(100, -1, -1):
        try:
            client.create_bucket(Bucket=BUCKET)
        except BotoCoreError:
            if not patience:
                raise
            time.sleep(0.1)
        else:
            return
