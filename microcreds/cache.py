"""The cache, kept optional: when Valkey is away, pages answer without it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class LastingClient(RedisCacheClient):
    """Django makes a client of the library for every call; one for each pool does as well and costs less."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._client: Any = cache(redis.Redis)


class PatientRedisCache(RedisCache):
    """A Redis cache whose outage is a miss, never an error.

    Throttles and rate limits then count nothing for a while; that is chosen over refusing everybody.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {**params.pop("OPTIONS", {}), "socket_connect_timeout": 1, "socket_timeout": 2}
        super().__init__(server, {**params, "OPTIONS": options})
        self._class = LastingClient

    def _try(self, call: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return call()
        except RedisError as error:
            logger.warning("cache unavailable: %s", error)
            return otherwise

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(lambda: super(PatientRedisCache, self).add(*args, **kwargs), True))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try(lambda: super(PatientRedisCache, self).get(key, default, version), default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._try(lambda: super(PatientRedisCache, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(lambda: super(PatientRedisCache, self).touch(*args, **kwargs), False))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(lambda: super(PatientRedisCache, self).has_key(*args, **kwargs), False))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(lambda: super(PatientRedisCache, self).delete(*args, **kwargs), False))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._try(lambda: super(PatientRedisCache, self).incr(key, delta, version), delta))
