import pytest

# In the checks, too, a failed assertion says what it compared
pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in ("page", "compare", "digits", "game", "latent", "pixels", "sketch", "worlds", "quiz"))
)
