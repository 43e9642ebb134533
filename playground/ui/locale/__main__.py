"""What the catalogues lack: `python -m playground.ui.locale` prints, as lines to be filled in, the messages without a translation; and
translations that are no longer used, and lessons whose English text has changed since."""

import json
import sys

from app import demo
from playground.ui import locale
from playground.ui.locale.extract import missing, outdated, stale


def main() -> int:
    lacking = 0
    for language in locale.LANGUAGES:
        for message, where in missing(demo, language).items():
            print(f'{json.dumps(message, ensure_ascii=False)} = ""  # {where}')
            lacking += 1
        for message in stale(demo, language):
            print(f"# no longer said: {json.dumps(message, ensure_ascii=False)}")
            lacking += 1
        for todo in outdated(language):
            print(f"# {todo}")
            lacking += 1
    return min(lacking, 1)


if __name__ == "__main__":
    sys.exit(main())
