"""Mail over SMTP: what is said for certain, and what is not known."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Protocol

from jinyun.kit.settings import Settings

TIMEOUT_SECONDS = 20.0


class MailAway(Exception):
    """The server did not take it, or did not say so: to be tried again under the same Message-ID."""


class MailRefused(Exception):
    """The server will never take this message."""


class Mailer(Protocol):
    """Where mail is handed over."""

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises MailAway, MailRefused."""

    def close(self) -> None:
        """End the connection, where there is one."""


class SmtpMailer:
    """One connection to the bank's mail server, opened for the first message."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises MailAway, MailRefused."""
        try:
            self._server = self._server or self._connect()
            self._server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            self._sort_out(max(error.recipients.values()))
        except smtplib.SMTPResponseException as error:
            self._sort_out((error.smtp_code, error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise MailAway(str(error)) from error

    def close(self) -> None:
        """End the connection, where there is one."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _sort_out(self, answer: tuple[int, bytes | str]) -> None:
        """Tell a refusal of this message from a server that cannot work now; signing in is never about a message."""
        code, words = answer
        said = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
        signing_in = code in {530, 534, 535, 538}
        if code >= 500 and not signing_in and self._server is not None:
            raise MailRefused(said)
        self.close()
        raise MailAway(said)

    def _connect(self) -> smtplib.SMTP:
        """Connect, check the server's certificate, sign in."""
        settings = self._settings
        context = ssl.create_default_context(cafile=settings.smtp_ca_file)
        host, port = settings.smtp_host, settings.smtp_port
        if settings.smtp_tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_login and settings.smtp_password_file is not None:
            server.login(settings.smtp_login, settings.smtp_password_file.read_text(encoding="utf-8").strip())
        return server
