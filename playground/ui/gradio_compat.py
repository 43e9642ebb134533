"""Every touch of what Gradio does not document, each with its reason; a test in test_gradio_compat.py fails where one changes."""


def with_preprocess(component, preprocess):
    """The same component, with `preprocess(payload)` instead of Gradio's own, which refuses some values before we could say why.

    Gradio makes a component anew, of its class, whenever it is an output that is updated or skipped: so the class must know.  It is made
    past Gradio's metaclass, which would write a .pyi beside it.
    """
    kind = type(component)
    members = {"preprocess": lambda self, payload: preprocess(payload), "__module__": kind.__module__}
    component.__class__ = type.__new__(type(kind), kind.__name__, (kind,), members)
    return component
