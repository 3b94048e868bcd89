"""The figures for Prometheus: what jobs did since the start, and how the installation is doing when asked.

Labels are ids of outlets, jobs, channels and named outcomes: no title, address or person ever.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.schedule.vitals import Vitals, share

JOB_SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
QUANTILES = (0.5, 0.9)


class Metrics:
    """Counters of one service, and its registry."""

    def __init__(self, version: str, vitals: Callable[[], Vitals]) -> None:
        self._registry = CollectorRegistry()
        self._pages = Counter(
            "diembao_pages", "Pages asked for, by outlet and outcome", ["source", "outcome"], registry=self._registry
        )
        self._articles = Counter(
            "diembao_articles",
            "Articles read, by outlet and outcome (assessed, thin, or why rejected)",
            ["source", "outcome"],
            registry=self._registry,
        )
        self._runs = Counter("diembao_job_runs", "Runs of jobs", ["job", "outcome"], registry=self._registry)
        self._seconds = Histogram(
            "diembao_job_seconds", "Duration of runs of jobs", ["job"], buckets=JOB_SECONDS, registry=self._registry
        )
        self._registry.register(_State(version, vitals))

    def count_pages(self, source: str, outcome: str, number: int) -> None:
        self._pages.labels(source, outcome).inc(number)

    def count_articles(self, source: str, outcome: str, number: int) -> None:
        self._articles.labels(source, outcome).inc(number)

    def count_run(self, job: str, outcome: str, seconds: float) -> None:
        self._runs.labels(job, outcome).inc()
        self._seconds.labels(job).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _State(Collector):
    """Gauges that are read when somebody asks."""

    def __init__(self, version: str, vitals: Callable[[], Vitals]) -> None:
        self._version = version
        self._vitals = vitals

    def describe(self) -> Iterator[Metric]:
        """Let the registry take it without reading the store."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        vitals = self._vitals()
        ages = {name: (vitals.at - since).total_seconds() for name, since in vitals.since.items()}
        jobs = vitals.jobs.values()
        lags = {str(quantile): share(vitals.fetch_lags_s, quantile) for quantile in QUANTILES if vitals.fetch_lags_s}
        answers = {"healthy": vitals.healthy, "failing": vitals.failing}
        yield _gauge("info", "Version of the program", {"version": self._version}, 1.0)
        yield _gauges("waiting", "What waits, by queue", "queue", vitals.waiting)
        yield _gauges("oldest_seconds", "Age of the oldest that waits, by queue", "queue", ages)
        yield _gauges("fetch_lag_seconds", "From publication to fetching, last 6 hours", "quantile", lags)
        yield _gauges("sources", "Outlets by their last answer", "answer", answers)
        yield _gauges("documents", "Articles held", "kind", {"all": vitals.documents, "assessed": vitals.assessed})
        yield _gauges("alerts", "Alerts by state", "state", vitals.alerts)
        yield _gauges("job_failures", "Failures in a row, by job", "job", {job.id: job.failures for job in jobs})
        done = {job.id: job.done_at.timestamp() for job in jobs if job.done_at}
        yield _gauges("job_done_timestamp_seconds", "Start of the last run that came to its end", "job", done)
        sends = GaugeMetricFamily("diembao_deliveries", "Messages by channel and state", labels=["channel", "state"])
        for (channel, state), number in vitals.deliveries.items():
            sends.add_metric([channel, state], number)
        yield sends
        yield GaugeMetricFamily("diembao_disk_free_bytes", "Room on the disk", value=vitals.free_gb * 1024**3)


def _gauge(name: str, text: str, labels: dict[str, str], value: float) -> Metric:
    family = GaugeMetricFamily(f"diembao_{name}", text, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"diembao_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
