"""A mapping that is bounded, and safe in the hands of several threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

from playground.api.recent import Recent


def test_the_last_ones_asked_for_are_kept():
    kept = Recent(3)
    for i in range(3):
        kept.keep(i, str(i))
    assert kept.get(0) == "0"
    kept.keep(3, "3")
    assert (kept.get(1), kept.get(0), len(kept)) == (None, "0", 3)


def test_of_several_threads_that_take_a_value_one_has_it():
    kept, begin = Recent(10), threading.Barrier(4)

    def take(i: int):
        begin.wait(10)
        return kept.take("page")

    with ThreadPoolExecutor(4) as threads:
        for _ in range(200):
            kept.keep("page", "written so far")
            assert [value for value in threads.map(take, range(4)) if value] == ["written so far"]


def test_threads_that_keep_and_ask_at_once_stay_within_the_bound():
    kept = Recent(8)

    def work(seed: int):
        for i in range(2000):
            kept.keep((seed * i) % 31, i)
            kept.get((seed + i) % 31)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(1, 5)))
    assert len(kept) == 8
