"""The pictures in docs/pictures, taken of a night by headless Chromium: ``pictures.py REPORTS/NIGHT``."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent / "pictures"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = """<body style="margin:0;background:#cfd6dc;text-align:center"><iframe src="{page}"
style="width:390px;height:820px;border:8px solid #16212c;border-radius:28px;margin-top:16px"></iframe>"""


def shot(address: str, width: int, height: int, name: str) -> None:
    """``docs/pictures/<name>.png`` of what stands at ``address``."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("需要 Chromium")
    with tempfile.TemporaryDirectory() as profile:
        size = f"--window-size={width},{height}"
        target = f"--screenshot={HERE / name}.png"
        command = [program, *FLAGS, f"--user-data-dir={profile}", size, target, address]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def main(folder: str) -> None:
    """Takes the night page at the width of a desk and of a phone."""
    page = (Path(folder).resolve() / "夜报.html").as_uri()
    shot(page, 1280, 1250, "night-desktop")
    with tempfile.TemporaryDirectory() as scratch:
        frame = Path(scratch) / "phone.html"
        frame.write_text(PHONE.format(page=page), "utf-8")
        shot(frame.as_uri(), 500, 868, "night-phone")


if __name__ == "__main__":
    main(*sys.argv[1:])
