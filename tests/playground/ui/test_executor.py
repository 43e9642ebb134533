"""One door to the models: so many at once, so many in line, the newest of a gesture wins, and errors are one sentence."""

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest

from playground.errors import UserError
from playground.ui.executor import Executor, Superseded, endpoint, listener


def run(coroutine, patience: float = 30):
    """Runs it in a thread of its own: Playwright's synchronous browser, where the session has one open, has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(coroutine, patience)).result()


async def until(condition) -> None:
    """Others go on till it is true; `run` loses its patience where it never is."""
    while not condition():
        await asyncio.sleep(0.001)


def stands(executor: Executor, waiting: int):
    """Whether the executor's one worker is at work and so many calls stand in line."""
    return lambda: (executor._free, executor._waiting) == (0, waiting)


def test_no_more_than_its_workers_run_at_once():
    executor, lock, now, most = Executor(workers=2, waiting=20), threading.Lock(), 0, 0
    both = threading.Barrier(2)

    def call(i):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        both.wait(10)
        with lock:
            now -= 1
        return i

    async def several():
        return await asyncio.gather(*(executor.run(None, call, i) for i in range(12)))

    assert run(several()) == list(range(12))
    assert most == 2


def test_the_newest_call_of_a_key_wins_and_others_are_left_alone():
    executor, begin, done = Executor(workers=1, waiting=10), threading.Event(), []

    def call(name):
        begin.wait(10)
        done.append(name)
        return name

    async def several():
        calls = [("drag", "first"), ("drag", "second"), ("other", "theirs"), ("drag", "third")]
        tasks = []
        for waiting, (key, name) in enumerate(calls):
            tasks.append(asyncio.ensure_future(executor.run(key, call, name)))
            await until(tasks[1].done if name == "third" else stands(executor, waiting))
        begin.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = run(several())
    assert answers[0] == "first"  # it had begun
    assert isinstance(answers[1], Superseded)
    assert answers[2:] == ["theirs", "third"]
    assert done == ["first", "theirs", "third"]


def test_a_full_line_turns_away_with_a_sentence_and_opens_again():
    executor, begin = Executor(workers=1, waiting=1), threading.Event()

    async def several():
        tasks = [asyncio.ensure_future(executor.run(None, begin.wait, 10)) for _ in range(2)]
        await until(stands(executor, 1))
        with pytest.raises(UserError, match="try again"):
            await executor.run(None, int)
        begin.set()
        await asyncio.gather(*tasks)
        return await executor.run(None, int)

    assert run(several()) == 0


def test_a_replaced_call_gives_its_place_to_the_new_one():
    executor, begin = Executor(workers=1, waiting=1), threading.Event()

    async def several():
        tasks = [asyncio.ensure_future(executor.run(key, begin.wait, 10)) for key in ("a", "b")]
        await until(stands(executor, 1))
        tasks.append(asyncio.ensure_future(executor.run("b", lambda: "newest")))
        await until(tasks[1].done)
        begin.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = run(several())
    assert isinstance(answers[1], Superseded) and answers[2] == "newest"


def test_sessions_take_turns_and_so_do_addresses():
    executor, begin, done = Executor(workers=1, waiting=50), threading.Event(), []

    async def several():
        calls = [asyncio.ensure_future(executor.run(None, begin.wait, 10))]
        await until(stands(executor, 0))
        who = [("flood", f"session {i}") for i in range(8)] + [("a", "1")] * 3 + [("a", "2"), ("b", "1")]
        calls += [asyncio.ensure_future(executor.run(None, done.append, visitor, who=visitor)) for visitor in who]
        await until(stands(executor, len(who)))
        begin.set()
        await asyncio.gather(*calls)

    run(several())
    assert done[:6] == [("flood", "session 0"), ("a", "1"), ("b", "1"), ("flood", "session 1"), ("a", "2"), ("flood", "session 2")]


def test_who_asks_for_most_is_refused_first():
    executor, begin = Executor(workers=1, waiting=10), threading.Event()

    async def several():
        calls = [asyncio.ensure_future(executor.run(None, begin.wait, 10))]
        await until(stands(executor, 0))
        flood = [asyncio.ensure_future(executor.run(None, int, who=("flood", str(i)))) for i in range(30)]
        await until(lambda: sum(call.done() for call in flood) == 20)
        others = [asyncio.ensure_future(executor.run(None, int, who=("others", str(i)))) for i in range(4)]
        await until(lambda: sum(call.done() for call in flood) == 24)
        begin.set()
        return await asyncio.gather(*flood, return_exceptions=True), await asyncio.gather(*others, *calls)

    flood, others = run(several())
    assert sum(isinstance(answer, UserError) for answer in flood) == 24
    assert others[:4] == [0, 0, 0, 0]


def test_a_visitor_who_has_gone_leaves_the_line():
    executor, begin = Executor(workers=1, waiting=10), threading.Event()

    async def several():
        running = asyncio.ensure_future(executor.run(None, begin.wait, 10))
        await until(stands(executor, 0))
        gone = asyncio.ensure_future(executor.run("drag", int, who=("a", "1")))
        await until(stands(executor, 1))
        gone.cancel()
        await until(gone.done)
        left = executor._waiting, dict(executor._lines), dict(executor._newest)
        begin.set()
        await running
        return left, executor._free

    assert run(several()) == ((0, {}, {}), 1)


def test_a_stream_lets_others_in_between_its_steps():
    executor, order, queued = Executor(workers=1, waiting=10), [], threading.Event()

    def slow():
        for i in range(3):
            queued.wait(10)
            order.append(i)
            yield i

    async def several():
        async def stream():
            return [item async for item in executor.stream("stream", slow)]

        streaming = asyncio.ensure_future(stream())
        await until(stands(executor, 0))
        other = asyncio.ensure_future(executor.run(None, order.append, "other"))
        await until(stands(executor, 1))
        queued.set()
        await other
        return await streaming

    assert run(several()) == [0, 1, 2]
    assert order[1] == "other"


def test_a_stream_without_a_step_answers_that_there_is_nothing():
    def steps(count):
        yield from range(count)

    async def answers(count):
        request = gr.Request(session_hash="visitor")
        return [item async for item in listener(steps, "steps", "nothing")(request, count)]

    assert run(answers(0)) == ["nothing"] and run(answers(2)) == [0, 1]


def test_a_newer_stream_of_a_key_ends_the_older():
    executor, begun = Executor(workers=2, waiting=10), threading.Event()

    def count(name, steps):
        for i in steps:
            begun.set()
            yield f"{name}{i}"

    async def several():
        async def stream(name, steps):
            return [item async for item in executor.stream("play", count, name, steps)]

        older = asyncio.ensure_future(stream("older", itertools.count()))
        await until(begun.is_set)
        newer = asyncio.ensure_future(stream("newer", range(3)))
        return await asyncio.gather(older, newer, return_exceptions=True)

    older, newer = run(several())
    assert isinstance(older, Superseded)
    assert newer == ["newer0", "newer1", "newer2"]


def test_the_newest_call_of_a_listener_wins_and_another_of_its_name_is_left_alone(monkeypatch):
    executor, begin = Executor(workers=1, waiting=10), threading.Event()
    monkeypatch.setattr("playground.ui.executor.EXECUTOR", executor)
    left, right = (listener(call, "side", "nothing") for call in (lambda x: ("left", x), lambda x: begin.wait(10) and ("right", x)))

    async def several():
        calls = []
        for i, side in enumerate((right, left, right, left)):
            calls.append(asyncio.ensure_future(side(gr.Request(session_hash="visitor"), i)))
            await until(calls[1].done if i == 3 else stands(executor, i))
        begin.set()
        return await asyncio.gather(*calls)

    assert run(several()) == [("right", 0), "nothing", ("right", 2), ("left", 3)]


def test_errors_are_one_sentence(caplog):
    def wrong():
        raise UserError("A class is 0 to 9.")

    def broken():
        raise ZeroDivisionError("secret detail")

    with pytest.raises(gr.Error, match="A class is 0 to 9"):
        run(endpoint(wrong)())
    with pytest.raises(gr.Error) as error:
        run(endpoint(broken)())
    assert "secret" not in str(error.value)
    assert "secret detail" in caplog.text


def test_a_guarded_function_keeps_its_signature():
    import inspect

    def ask(digit: int, seed: int = 1) -> int:
        """Asks."""
        return digit

    assert inspect.signature(endpoint(ask)) == inspect.signature(ask)
    assert endpoint(ask).__doc__ == "Asks."
