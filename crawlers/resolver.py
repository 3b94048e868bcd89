"""Name resolution that never yields an address inside a network.

Scrapy connects to what this resolver answers, so the check holds for the very address that is connected to: a name that
resolves to another address the second time (DNS rebinding) gains nothing.
"""

from typing import Any, cast

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawlers.guards import parse_address, refuse_address

ALLOW_LOOPBACK = "DIEMBAO_ALLOW_LOOPBACK"
PROXY_HOST = "DIEMBAO_PROXY_HOST"


class GuardedResolver(CachingHostnameResolver):
    """Drops refused addresses from every answer. The proxy of the settings alone may lie inside the network."""

    def __init__(self, reactor: Any, cache_size: int, *, allow_loopback: bool, proxy_host: str) -> None:
        super().__init__(reactor, cache_size)
        self.allow_loopback = allow_loopback
        self.proxy_host = proxy_host
        self.refused_hosts: set[str] = set()
        """Names whose every address was refused; they look unknown to the caller."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "GuardedResolver":
        settings = crawler.settings
        return cls(
            reactor,
            settings.getint("DNSCACHE_SIZE"),
            allow_loopback=settings.getbool(ALLOW_LOOPBACK),
            proxy_host=settings.get(PROXY_HOST, ""),
        )

    def resolveHostName(  # noqa: N802 - the name that Twisted's interface has
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if hostName != self.proxy_host:
            resolutionReceiver = _Filter(resolutionReceiver, hostName, self)  # noqa: N806
        return super().resolveHostName(resolutionReceiver, hostName, *args, **kwargs)


def refused_hosts() -> set[str]:
    """Return the names that the resolver of this process refused. Only while a crawl runs."""
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install another reactor

    resolver: GuardedResolver = cast("Any", reactor).nameResolver
    return resolver.refused_hosts


@implementer(IResolutionReceiver)
class _Filter:
    """Stands between the resolver and who asked, and lets allowed addresses through."""

    def __init__(self, receiver: Any, host: str, resolver: GuardedResolver) -> None:
        self.receiver = receiver
        self.host = host
        self.resolver = resolver
        self.allowed = self.refused = 0

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        parsed = parse_address(address.host)
        if parsed is None or refuse_address(parsed, allow_loopback=self.resolver.allow_loopback):
            self.refused += 1
            return
        self.allowed += 1
        self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self.refused and not self.allowed:
            self.resolver.refused_hosts.add(self.host)
        self.receiver.resolutionComplete()
