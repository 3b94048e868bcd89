"""One-click unsubscribing over a real HTTP server: the link of a mail, opened by a person, posted by a mail program."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from pipeline.deliver.unsubscribe import answer_link, link_maker
from pipeline.store import Store
from tests.pipeline.deliver.messages import NOW, outgoing


@contextmanager
def served(store: Store) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, page = answer_link(store, self.command, self.path, NOW, "vi")
            self.send_response(status)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def ask(method: str, url: str) -> tuple[int, str]:
    response = urllib3.request(method, url, body=b"List-Unsubscribe=One-Click" if method == "POST" else None)
    return response.status, response.data.decode()


def test_a_post_unsubscribes_and_a_look_does_not(store: Store) -> None:
    store.plan_deliveries([outgoing("a"), outgoing("b", recipient="binh@tinh.example")], NOW)
    with served(store) as base:
        link = link_maker(store, base)("an@tinh.example")
        status, page = ask("GET", link)
        assert (status, "an@tinh.example" in page, "<button>" in page) == (200, True, True)
        assert not store.unsubscribed(), "programs that look through mail follow links"
        status, page = ask("POST", link)
        assert (status, "<button>" in page) == (200, False)
        assert ask("POST", link)[0] == 200, "twice is fine"
        assert ask("DELETE", link)[0] == 405
    assert store.unsubscribed() == {"an@tinh.example": NOW}
    assert {one.key: one.state for one in store.deliveries()} == {"a": "withdrawn", "b": "planned"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-2],
        lambda t: ("B" if t[0] == "A" else "A") + t[1:],
        lambda t: t + "AA",
        lambda _: "",
        lambda _: "ă",
    ],
)
def test_nobody_unsubscribes_another(store: Store, spoil: object) -> None:
    with served(store) as base:
        head, _, token = link_maker(store, base)("an@tinh.example").rpartition("/")
        assert callable(spoil)
        assert ask("POST", f"{head}/{spoil(token)}")[0] == 404
    assert not store.unsubscribed()


def test_links_outlive_a_restart(store: Store) -> None:
    assert link_maker(store, "https://a.example")("an@tinh.example") == link_maker(store, "https://a.example")(
        "an@tinh.example"
    )
