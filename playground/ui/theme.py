"""How the page looks: one colour per actor, light and dark, phone and desktop; no font, script or picture from elsewhere."""

from pathlib import Path

import gradio as gr

TITLE = "Generative playground"
WHAT = "The deep generative models of a textbook's chapter, from PCA to PixelCNN++, at work while you draw, drag and predict."

# To the same page in the other language; language.js keeps the state
SWITCH = (
    '<a class="language" lang="he" hreflang="he" href="?lang=he" translate="no">עברית</a>'
    '<a class="language" lang="en" hreflang="en" href="?" translate="no">English</a>'
)
_ALTERNATES = '<link rel="alternate" hreflang="en" href="?"><link rel="alternate" hreflang="he" href="?lang=he">'

_HERE = Path(__file__).parent
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

THEME = gr.themes.Base(
    primary_hue=gr.themes.colors.sky,
    secondary_hue=gr.themes.colors.sky,
    neutral_hue=gr.themes.colors.stone,
    font=_SANS,
    font_mono=_MONO,
    radius_size=gr.themes.sizes.radius_md,
)
CSS = (_HERE / "page.css").read_text()
# Gradio puts every rule inside @media under .gradio-container, so the rules for that element itself and for those around it are here.  An
# element that hides overflow would become the one that the picture on a phone sticks to, and would cut off the last printed page.
_AROUND = """@media (max-width: 760px) {
  .gradio-container.gradio-container { padding: 0 12px 32px !important; max-width: 100vw !important; overflow: clip visible !important; }
}
@page { margin: 14mm; }
@media print {
  html, body, gradio-app { height: auto !important; min-height: 0 !important; }
  html, body, gradio-app, .gradio-container.gradio-container { overflow: visible !important; padding-bottom: 0 !important; }
  .gradio-container footer { display: none !important; }
}"""
_COMPONENTS = tuple(_HERE / "components" / f"{name}.js" for name in ("controls", "board", "sheets"))
_SCRIPTS = (
    *(_HERE / "language.js", _HERE.parent / "browser" / "strokes.js", _HERE / "mend.js", _HERE / "visit.js"),
    *(*_COMPONENTS, _HERE / "page.js"),
)
HEAD = f"{_ALTERNATES}<style>{_AROUND}</style>" + "".join(f"<script>{path.read_text(encoding='utf-8')}</script>" for path in _SCRIPTS)
