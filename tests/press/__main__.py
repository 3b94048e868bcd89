"""Run the demo press by hand: ``python -m tests.press --day 2026-03-05 --home DIR``.

Writes ``DIR/sources.yaml`` so that a crawl of that home meets these outlets, prints their addresses, and waits: Enter
goes to the next stage, Ctrl-C ends.
"""

import argparse
import sys
import threading
from datetime import date, datetime
from pathlib import Path

from tests.press.demo import LOCAL, demo_site
from tests.press.server import Press


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.press", description="Serve the demo press on loopback.")
    parser.add_argument("--day", type=date.fromisoformat, default=datetime.now(LOCAL).date(), help="the edition's day")
    parser.add_argument("--home", type=Path, required=True, help="folder that gets sources.yaml")
    parser.add_argument("--first-port", type=int, default=0, help="ports from here on; 0: any free ones")
    chosen = parser.parse_args()
    with Press(demo_site(chosen.day), first_port=chosen.first_port) as press:
        chosen.home.mkdir(parents=True, exist_ok=True)
        (chosen.home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
        for source in press.sources():
            print(f"{source.name}: {', '.join(source.endpoints)}")
        print(f"Wrote {chosen.home / 'sources.yaml'}. Enter: next stage; Ctrl-C: end.", flush=True)
        try:
            for _ in sys.stdin:
                press.advance()
                print(f"Stage {press.stage}.", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(press.log)} requests answered.")


if __name__ == "__main__":
    main()
