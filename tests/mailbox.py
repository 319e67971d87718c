"""A mail server that keeps what it takes, and can be taken away, and brought back, on the same port."""

import socket
import ssl
from collections import Counter
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from jinyun.kit.settings import Settings


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mailbox:
    """What arrived; `answers` are what the server says instead of taking a message, one a recipient."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.mails: list[Message] = []
        self.answers: dict[str, str] = {}
        self._tls = tls
        self._controller: Controller | None = None
        self.port = free_port()

    def open(self) -> None:
        """Let the server answer."""
        more: dict[str, Any] = {"tls_context": self._tls, "require_starttls": True} if self._tls else {}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)
        self._controller.start()

    def close(self) -> None:
        """Take the server away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def settings(self, **more: Any) -> Settings:
        """Return settings that lead here."""
        base = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_tls": "none", "mail_from": "cloud@bank.example"}
        return Settings(**{**base, "public_url": "https://cloud.bank.example", **more})

    def ids(self) -> Counter[str]:
        """Count what arrived by Message-ID."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the server's name
        """Take a message, unless something else was said for its recipient."""
        for recipient in envelope.rcpt_tos:
            if recipient in self.answers:
                return self.answers[recipient]
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"
