"""`make crosscheck`: the official SDK and openssl against the local Alipay.

python -m tests.crosscheck PYTHON_OF_THE_SDK
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from vtask import embedded

ROOT = Path(__file__).resolve().parents[2]
SELLER_ID, APP_ID = "2088000000000001", "2021000000000001"
WITHIN_S = 60


@contextmanager
def local_alipay(folder: Path) -> Iterator[tuple[str, str]]:
    """The local Alipay as a process with books and keys of its own: gateway and control port."""
    place = embedded.place(folder)
    embedded.start(place, durable=False)
    port, control = embedded.free_port(), embedded.free_port()
    told = os.environ | {
        "VTASK_ENV": "test",
        "ALIPAY_DATABASE_URL": place.database_url("alipay"),
        "ALIPAY_KEYS_DIR": str(folder / "keys"),
        "ALIPAY_APP_ID": APP_ID,
        "ALIPAY_SELLER_ID": SELLER_ID,
    }
    command = [
        sys.executable, "-m", "sandbox", "--port", str(port), "--control-port", str(control),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=told)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        wait_for(f"http://127.0.0.1:{control}/books", process)
        yield f"http://127.0.0.1:{port}/gateway.do", f"http://127.0.0.1:{control}"
    finally:
        process.terminate()
        process.wait(WITHIN_S)
        embedded.stop(place)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urlopen(url, timeout=2).read()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def main(python_of_the_sdk: str) -> int:
    with tempfile.TemporaryDirectory(prefix="crosscheck-") as name:
        folder = Path(name)
        with local_alipay(folder) as (gateway, control):
            script = Path(__file__).with_name("official.py")
            told = [str(script), gateway, control, str(folder / "keys"), APP_ID, SELLER_ID]
            env = os.environ | {"TZ": "Asia/Shanghai"}
            code = subprocess.run([python_of_the_sdk, *told], env=env, check=False).returncode
    print("crosscheck ok" if code == 0 else "crosscheck FAILED")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
