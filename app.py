"""The playground's page: `python app.py`, or `demo` for a Space."""

import sys

from playground.ui import page

if __name__ == "__main__":
    sys.exit(page.command())
else:
    demo = page.build()
