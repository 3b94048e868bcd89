"""The rules of alerts: ``alerts.yaml``, with the keys that ``HOME/alerts.yaml`` changes. Frozen and validated."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from config.errors import ConfigError
from config.files import data_path
from config.validation import Section, read_mapping, validated

ALERTS_FILE = "alerts.yaml"

AlarmLevel = Literal[1, 2, 3]
Probability = Annotated[float, Field(gt=0, lt=1)]
Factor = Annotated[float, Field(ge=0.1, le=10)]


class BaselineRules(Section):
    window_days: Annotated[int, Field(ge=14, le=90)]
    lag_days: Annotated[int, Field(ge=0, le=7)]
    long_days: Annotated[int, Field(ge=28, le=730)]
    learning_days: Annotated[int, Field(ge=14, le=90)]
    min_coverage: Annotated[float, Field(ge=0, le=1)]
    assume_complete: bool


class ExpectedRules(Section):
    peak: Factor
    quiet: Factor


class LevelRules(Section):
    """p-values from the mildest level to the gravest."""

    watch: Probability
    level_1: Probability
    level_2: Probability
    level_3: Probability
    level_3_outlets: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.watch >= self.level_1 >= self.level_2 >= self.level_3:
            raise ValueError(ConfigError("files.levels_out_of_order"))
        return self


class MinimumRules(Section):
    reports: Annotated[int, Field(ge=1)]
    sensitive: Annotated[int, Field(ge=1)]


class QualifierRules(Section):
    sensitive: bool
    foreign: bool
    tier_1_outlets: Annotated[int, Field(ge=0)]
    """0: never."""


class LastingMatter(Section):
    """A matter that the press goes on about for days, such as the air of a winter."""

    topic: str
    """Id of a sensitive subtopic; an article that has another one besides is not only about the matter."""
    phrases: tuple[str, ...]
    """Whole words of title or lead, whatever the case; any is enough."""


class GraveRules(Section):
    enabled: bool
    tone_score: Annotated[float, Field(ge=0, le=1)]
    topic_score: Annotated[float, Field(ge=0, le=1)]
    relevance_score: Annotated[float, Field(ge=0, le=1)]
    level: AlarmLevel
    lasting: dict[str, LastingMatter]
    """By a name of the office's choice."""


class StateRules(Section):
    quiet_days: Annotated[int, Field(ge=1, le=28)]
    cooldown_hours: Annotated[float, Field(ge=0)]
    escalate_hours: dict[AlarmLevel, Annotated[float, Field(gt=0)]]
    """A level that is not named never escalates."""


class AlertRules(Section):
    """Everything that decides whether there is an alert."""

    baseline: BaselineRules
    expected: ExpectedRules
    levels: LevelRules
    minimum: MinimumRules
    qualifiers: QualifierRules
    grave: GraveRules
    state: StateRules


def load_alert_rules(home: Path | None = None) -> AlertRules:
    """Return the packaged rules with the changes of ``home``. Raises ConfigError naming the file and the key."""
    path = data_path(ALERTS_FILE)
    values = read_mapping(path)
    if home is not None and (home / ALERTS_FILE).is_file():
        path = home / ALERTS_FILE
        values = _overlaid(values, read_mapping(path))
    return validated(values, path, AlertRules)


def _overlaid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the values of ``above``, section by section."""
    both = {
        key: _overlaid(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
        for key, value in above.items()
    }
    return below | both
