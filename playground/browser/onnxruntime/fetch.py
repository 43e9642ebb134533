"""Fetches onnxruntime-web from npm into this folder: `python playground/browser/onnxruntime/fetch.py`.

What npm gives is held against the checksum that npm's registry had when this version was chosen; what is written here, against
SHA256SUMS (`--new` writes that file anew, after `VERSION` and `INTEGRITY` were changed).  The binary is kept packed: it is 14 MB unpacked.
Zopfli (of requirements-dev.txt) takes a minute and saves each visitor 150 KB over gzip's own packing.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import zopfli.gzip

HERE = Path(__file__).resolve().parent
VERSION = "1.30.0"
INTEGRITY = "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")  # the script with its loader, for one thread; the binary
PACKED = ".wasm"  # is stored as .wasm.gz


def fetch(folder: Path) -> dict[str, bytes]:
    """File name -> content of what is kept.  Raises SystemExit where npm gives something else."""
    subprocess.run(["npm", "pack", f"onnxruntime-web@{VERSION}", "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if INTEGRITY != f"sha512-{found}":
        sys.exit(f"error: onnxruntime-web {VERSION} has the checksum sha512-{found}, not {INTEGRITY}; nothing was written.")
    kept = {}
    with tarfile.open(archive) as tar:
        for name in FILES:
            content = tar.extractfile(f"package/dist/{name}").read()
            kept[name] = content
    return kept


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        kept = fetch(Path(folder))
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in kept.items())
    if "--new" not in sys.argv and (HERE / "SHA256SUMS").read_text() != sums:
        sys.exit("error: these files differ from SHA256SUMS; nothing was written.")
    for name, content in kept.items():
        if name.endswith(PACKED):
            (HERE / f"{name}.gz").write_bytes(zopfli.gzip.compress(content))
        else:
            (HERE / name).write_bytes(content)
    (HERE / "SHA256SUMS").write_text(sums)
    return 0


if __name__ == "__main__":
    sys.exit(main())
