"""An S3 server in a process of its own, for as long as a benchmark lasts."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError

from microcreds.services.process import spawn, stop

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "only-for-measuring"}


@contextlib.contextmanager
def store(folder: Path) -> Iterator[str]:
    """STORAGE_URL of an empty bucket that browsers reach."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--data-dir", str(folder), "--log-level", "error", "--no-access-log"]
    keys = dict(zip(("NANIO_ACCESS_KEY", "NANIO_SECRET_KEY"), CREDENTIALS.values(), strict=True))
    process = spawn(command, log=folder.with_suffix(".log"), env={**os.environ, **keys})
    try:
        make_bucket(f"http://127.0.0.1:{port}")
        yield f"s3://bench?endpoint=http://127.0.0.1:{port}&region=us-east-1&public=http://127.0.0.1:{port}"
    finally:
        stop(process)


def make_bucket(endpoint: str) -> None:
    """As soon as the server answers."""
    key, secret = CREDENTIALS.values()
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )
    for patience in range(100, -1, -1):
        try:
            client.create_bucket(Bucket="bench")
        except BotoCoreError:
            if not patience:
                raise
            time.sleep(0.1)
        else:
            return
