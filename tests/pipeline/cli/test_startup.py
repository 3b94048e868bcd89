"""A command answers at once: what takes long to import is imported by the work that needs it."""

import subprocess
import sys

HEAVY = (
    "altair",
    "apprise",
    "apscheduler",
    "datasketch",
    "onnxruntime",
    "prometheus_client",
    "scipy",
    "scrapy",
    "spacy",
    "trafilatura",
    "underthesea",
    "vl_convert",
)


def test_the_program_starts_without_what_takes_long_to_import() -> None:
    code = f"import sys, pipeline.cli.application; print(*sorted(sys.modules.keys() & set({HEAVY})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
