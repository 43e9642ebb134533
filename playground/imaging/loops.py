"""A loop that stays a loop in an exported graph."""

from collections.abc import Callable

import torch
from torch import Tensor


def until_settled(change: Callable[..., Tensor], now: Tensor, *fixed: Tensor, more: Tensor | None = None) -> Tensor:
    """Applies `change(now, *fixed)` until it changes nothing; more (), bool: whether to apply it at all, by default True."""

    def again(now: Tensor, more: Tensor, *fixed: Tensor) -> tuple[Tensor, ...]:
        after = change(now, *fixed)
        return after, (after != now).any(), *(one.clone() for one in fixed)

    state = (now, torch.tensor(True) if more is None else more, *fixed)
    if torch.compiler.is_exporting():
        return torch.while_loop(lambda now, more, *fixed: more.clone(), again, state)[0]
    while state[1]:
        state = again(*state)
    return state[0]
