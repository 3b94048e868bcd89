"""The demonstration: a loopback press, collected by the real crawl and made into a digest, told in one screen.

    python -m tests.press.run_demo --output out/demo

Runs the same commands a press officer runs. Between the two crawls the press moves on: articles appear, one is edited,
and one outlet goes down.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipeline.digest.window import last_closed
from tests.press.demo import demo_site
from tests.press.server import Press

PROVINCE = "cao-bang"
WINDOW_HOUR = 7


class DemoError(RuntimeError):
    """A command of the demonstration ended with an exit code that is neither done nor part missing."""


def run_demo(output: Path, day: date) -> dict[str, Any]:
    """Write the demo digest of ``day`` into ``output`` and return the figures of the closing screen."""
    home = output / "home"
    if output.exists():
        shutil.rmtree(output)
    home.mkdir(parents=True)
    started = time.monotonic()
    with Press(demo_site(day)) as press:
        diembao(home, "init", "--province", PROVINCE, "--contact", "demo@diembao.example")
        (home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
        crawls = [diembao(home, "crawl", "--force", part_missing=True)]
        press.advance()
        crawls.append(diembao(home, "crawl", "--force", part_missing=True))
        processed = diembao(home, "process")
        diembao(home, "digest", "--date", day.isoformat(), "--output", str(output))
    status = json.loads(diembao(home, "status", "--json"))
    return {
        "crawls": crawls,
        "processed": processed,
        "status": status,
        "digest": json.loads((output / "digest.json").read_text(encoding="utf-8")),
        "seconds": round(time.monotonic() - started),
    }


def diembao(home: Path, *args: str, part_missing: bool = False) -> str:
    """Run one command of the product and return what it printed."""
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), *args]
    environment = os.environ | {"DIEMBAO_CRAWL__ALLOW_LOOPBACK": "true"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode not in ((0, 3) if part_missing else (0,)):
        raise DemoError(f"diembao {' '.join(args)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


def closing_screen(output: Path, figures: dict[str, Any]) -> str:
    """Return what was done, in one screen."""
    digest, status = figures["digest"], figures["status"]
    counts, coverage = digest["counts"], digest["coverage"]
    failed = "; ".join(f"{one['name']}: {one['reason']}" for one in coverage["failed"]) or "không có"
    sections = " · ".join(f"{section['title']} {reports_of(section)}" for section in digest["sections"])
    lines = [
        f"Điểm Báo – bản mẫu ngày {digest['date']} cho {PROVINCE} ({figures['seconds']} giây)",
        "",
        f"Nguồn      {coverage['healthy']}/{coverage['due']} trả lời tốt; lỗi: {failed}",
        *(f"Lượt {number}     {crawl.strip()}" for number, crawl in enumerate(figures["crawls"], start=1)),
        f"Xử lý      {figures['processed'].strip()}",
        f"Kho        {status['documents']} bài, {status['assessed']} nhắc tới tỉnh, {status['indexed']} tìm được",
        f"Điểm báo   {counts['total']} tin: tích cực {counts['positive']} · trung tính {counts['neutral']} · "
        f"tiêu cực {counts['negative']} · nước ngoài {counts['foreign']}",
        f"Mục        {sections}",
        "",
        f"Xem        {output / 'digest.html'}  (hoặc digest.txt, digest.eml, digest.json cùng thư mục)",
        f"Thử tiếp   {Path(sys.executable).parent / 'diembao'} --home {output / 'home'} search 'thác Bản Giốc'",
    ]
    return "\n".join(lines)


def reports_of(section: dict[str, Any]) -> int:
    """Return the reports that a section of ``digest.json`` owns: those of its stories, and those folded away."""
    return sum(1 + len(item["copies"]) for item in section["items"]) + int(section["folded"])


def main() -> None:
    """Run the demonstration from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("out/demo"))
    parser.add_argument("--day", type=date.fromisoformat, default=last_closed(datetime.now(UTC), WINDOW_HOUR))
    args = parser.parse_args()
    try:
        figures = run_demo(args.output, args.day)
    except DemoError as exc:
        sys.exit(str(exc))
    print(closing_screen(args.output, figures))


if __name__ == "__main__":
    main()
