"""The playground: models, samplers and the page that lets a visitor play with them."""


def load(name: str, revision: str | None = None):
    """A model, on the CPU, in eval mode, without gradients.

    Args:
        name: one that came with the playground ("vae-mnist"), an id of the Hub ("user/name"), or a folder that `save_pretrained` or a
            training wrote.
        revision: a tag, branch or commit of the Hub's repository.

    Returns `playground.models.base.Model`: an `nn.Module` with `sample(n, y=None, seed=0)`, and, depending on its system, `log_prob`,
    `elbo`, `encode`, `decode` or `translate`.

    Raises `playground.errors.UserError` if there is no such model, or it is damaged.
    """
    from pathlib import Path

    from playground import catalog
    from playground.sampling import cached  # noqa: F401 - gives the autoregressive models their sampler

    folder = Path(name)
    return catalog.load_entry(catalog.Entry(folder.name, folder)) if (folder / "config.json").exists() else catalog.load(name, revision)
