"""A cache of recent results: a mapping of bounded size that several threads can use."""

import threading
from collections import OrderedDict
from collections.abc import Hashable


class Recent:
    """Keeps the `most` values that were used last."""

    def __init__(self, most: int):
        self._most, self._lock, self._kept = most, threading.Lock(), OrderedDict()

    def get(self, key: Hashable, default=None):
        """The value of a key, which stays in the cache."""
        with self._lock:
            if key not in self._kept:
                return default
            self._kept.move_to_end(key)
            return self._kept[key]

    def take(self, key: Hashable, default=None):
        """The value of a key, which is removed from the cache: the caller may change it."""
        with self._lock:
            return self._kept.pop(key, default)

    def keep(self, key: Hashable, value) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)
