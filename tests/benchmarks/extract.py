"""Pages a second on one core: `parse_page(…).article()` beside plain trafilatura, on the pages of DIEMBAO_EVAL_DATA.

    DIEMBAO_EVAL_DATA=… python -m tests.benchmarks.extract [--rounds 5]

Rounds of both alternate in one process that stays on one core, and the median of the rounds counts, so that a busy
machine slows both alike. Prints one JSON object: pages a second of ``plain`` (``bare_extraction(with_metadata=True)``),
``article``, ``headline`` (what a page costs that names no watched place) and ``one_in_ten`` (nine headlines, one
article), and the ratios to plain.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from trafilatura import bare_extraction

from pipeline.extract.page import parse_page
from pipeline.records import Article, Page, Rejected

CANDIDATE_EVERY = 10
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)


def load_pages(folder: Path) -> list[Page]:
    """Return the saved pages of a folder, unpacked."""
    return [
        Page(
            url=f"https://bao.example/{path.stem}",
            requested_url=f"https://bao.example/{path.stem}",
            status=200,
            content_type="text/html",
            body=gzip.decompress(path.read_bytes()),
            fetched_at=FETCHED_AT,
        )
        for path in sorted(folder.glob("*.gz"))
    ]


def plain(number: int, page: Page) -> None:  # noqa: ARG001
    bare_extraction(page.body, with_metadata=True)


def article(number: int, page: Page) -> Article | Rejected:  # noqa: ARG001
    parsed = parse_page(page)
    return parsed if isinstance(parsed, Rejected) else parsed.article()


def headline(number: int, page: Page) -> Article | Rejected:  # noqa: ARG001
    parsed = parse_page(page)
    if isinstance(parsed, Rejected):
        return parsed
    assert parsed.gate_text  # what the gate reads is part of the cost
    return parsed.headline()


def one_in_ten(number: int, page: Page) -> Article | Rejected:
    return article(number, page) if number % CANDIDATE_EVERY == 0 else headline(number, page)


CONTENDERS: tuple[Callable[[int, Page], object], ...] = (plain, article, headline, one_in_ten)


def measure(pages: Sequence[Page], rounds: int) -> dict[str, float]:
    """Return pages a second of each contender and its ratio to plain."""
    seconds: dict[str, list[float]] = {contender.__name__: [] for contender in CONTENDERS}
    for contender in CONTENDERS:  # caches and imports are not what is measured
        contender(1, pages[0])
    for _ in range(rounds):
        for contender in CONTENDERS:
            started = time.process_time()
            for number, page in enumerate(pages):
                contender(number, page)
            seconds[contender.__name__].append(time.process_time() - started)
    rates = {name: len(pages) / median(taken) for name, taken in seconds.items()}
    ratios = {f"{name}_to_plain": rate / rates["plain"] for name, rate in rates.items() if name != "plain"}
    return {name: round(value, 2) for name, value in {**rates, **ratios}.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    folder = os.environ.get("DIEMBAO_EVAL_DATA")
    if not folder:
        print("DIEMBAO_EVAL_DATA does not name the folder of the evaluation data", file=sys.stderr)
        return 2
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    pages = load_pages(Path(folder) / "data" / "pages")
    print(json.dumps({"pages": len(pages), "rounds": rounds, **measure(pages, rounds)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
