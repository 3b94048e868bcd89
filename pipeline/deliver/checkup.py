"""What `diembao doctor` says of sending."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from config.errors import DiembaoError
from config.localtime import spell_local
from config.messages import Words
from config.settings import Settings
from pipeline.deliver.recipients import Recipient
from pipeline.doctor import Finding
from pipeline.store import Store

OVERDUE = timedelta(hours=1)
"""What has waited so long is told, though it is still tried."""
REFUSED_WITHIN = timedelta(days=7)


def examine_sending(
    settings: Settings, load: Callable[[], Sequence[Recipient]], open_store: Callable[[], Store], now: datetime
) -> list[Finding]:
    """Return the findings; a file or a store that is broken is one of them."""
    findings: list[Finding] = []
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _ways(settings, load()),
        lambda: _waiting(open_store(), now),
    )
    for check in checks:
        try:
            findings.extend(check())
        except DiembaoError as exc:
            findings.append(Finding(code="doctor.broken", ok=False, fields={"error": exc}))
    return findings


def _ways(settings: Settings, recipients: Sequence[Recipient]) -> Iterator[Finding]:
    mails = sum(one.channel == "email" for one in recipients)
    if mails and not settings.smtp.host:
        yield Finding(code="doctor.no_smtp", ok=False, fields={"count": mails})
    elif recipients:
        yield Finding(code="doctor.recipients", ok=True, fields={"count": len(recipients)})
    elif settings.smtp.host:
        yield Finding(code="doctor.no_recipients", ok=False)
    else:
        yield Finding(code="doctor.no_sending", ok=True, undone=True)


def _waiting(store: Store, now: datetime) -> Iterator[Finding]:
    if doubted := store.deliveries(("uncertain",)):
        fields: dict[str, object] = {"count": len(doubted), "id": doubted[0].id, "recipient": doubted[0].recipient}
        yield Finding(code="doctor.uncertain", ok=False, fields=fields)
    recently = now - REFUSED_WITHIN
    if refused := [one for one in store.deliveries(("refused",)) if one.changed_at > recently and one.reason]:
        fields = {"count": len(refused), "recipient": refused[0].recipient, "detail": refused[0].detail}
        yield Finding(code="doctor.refused", ok=False, fields=fields)
    overdue = [one for one in store.deliveries(("planned",)) if one.due_at < now - OVERDUE]
    if overdue:
        oldest = overdue[-1]
        reason = Words(f"deliver.reason_{oldest.reason or 'none'}")
        fields = {"count": len(overdue), "since": spell_local(oldest.due_at), "reason": reason}
        yield Finding(code="doctor.overdue", ok=False, fields=fields)
    if stopped := store.unsubscribed():
        fields = {"count": len(stopped), "addresses": ", ".join(stopped)}
        yield Finding(code="doctor.unsubscribed", ok=True, fields=fields)
