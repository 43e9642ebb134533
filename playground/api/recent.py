"""A cache of recent results: a mapping of bounded size that several threads can use."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Recent:
    """Keeps the `most` values that were used last, each until nobody has used it for `age` seconds."""

    def __init__(self, most: int, age: float = math.inf):
        self._most, self._age, self._lock = most, age, threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, float]] = OrderedDict()  # key -> value, last use; longest unused first

    def get(self, key: Hashable, default=None):
        """The value of a key, which stays in the cache."""
        with self._lock:
            self._forget()
            if key not in self._kept:
                return default
            value, _ = self._kept.pop(key)
            self._kept[key] = value, time.monotonic()
            return value

    def take(self, key: Hashable, default=None):
        """The value of a key, which is removed from the cache: the caller may change it."""
        with self._lock:
            self._forget()
            return self._kept.pop(key, (default, 0))[0]

    def keep(self, key: Hashable, value) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = value, time.monotonic()
            self._forget()

    def _forget(self) -> None:
        while self._kept:
            key, (_, used) = next(iter(self._kept.items()))
            if len(self._kept) <= self._most and time.monotonic() - used < self._age:
                break
            del self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)
