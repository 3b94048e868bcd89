"""The rules of alerts: the packaged ones, what a home changes, and what is said of a mistake."""

from pathlib import Path

import pytest

from config.alert_rules import ALERTS_FILE, load_alert_rules
from config.errors import ConfigError


def test_a_home_changes_only_the_keys_it_names(tmp_path: Path) -> None:
    (tmp_path / ALERTS_FILE).write_text("minimum: {reports: 6}\nstate: {escalate_hours: {1: 48}}\n", encoding="utf-8")
    packaged, changed = load_alert_rules(), load_alert_rules(tmp_path)
    assert changed.minimum.reports == 6
    assert changed.minimum.sensitive == packaged.minimum.sensitive
    assert changed.state.escalate_hours == {**packaged.state.escalate_hours, 1: 48}
    assert changed.levels == packaged.levels


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("minimum: {report: 6}", "minimum.report”"),
        ("minimum: {reports: many}", "minimum.reports"),
        ("levels: {level_1: 0.2}", "levels"),
        ("levels: {watch: 5}", "levels.watch"),
        ("state: {escalate_hours: {0: 1}}", "state.escalate_hours"),
        ("baseline: 28", "baseline"),
        ("minimum: {reports: 6", "line"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / ALERTS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_alert_rules(tmp_path)
    assert str(tmp_path / ALERTS_FILE) in str(caught.value)
    assert says in str(caught.value)
