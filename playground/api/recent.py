"""What was made last, kept for whoever asks again: a mapping that is bounded, and safe in the hands of several threads."""

import threading
from collections import OrderedDict
from collections.abc import Hashable


class Recent:
    """Keeps the `most` values that were asked for or kept last."""

    def __init__(self, most: int):
        self._most, self._lock, self._kept = most, threading.Lock(), OrderedDict()

    def get(self, key: Hashable, default=None):
        """The value of a key, for many to read."""
        with self._lock:
            if key not in self._kept:
                return default
            self._kept.move_to_end(key)
            return self._kept[key]

    def take(self, key: Hashable, default=None):
        """The value of a key, for the caller alone: it is kept no longer."""
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
