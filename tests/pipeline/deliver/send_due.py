"""A process that sends what is due, to be killed: ``python -m tests.pipeline.deliver.send_due STORE_URL PORT``."""

import sys

from pipeline.deliver.due import deliver_due
from pipeline.deliver.smtp import SmtpSender, SmtpServer
from pipeline.store import open_store
from tests.pipeline.deliver.messages import NOW


def main(url: str, port: int) -> None:
    store = open_store(url)
    server = SmtpServer(host="127.0.0.1", port=port, security="none", sender="diembao@tinh.example")
    report = deliver_due(store, {"email": SmtpSender(server)}, lambda: NOW)
    store.close()
    print(report.sent, report.uncertain)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
