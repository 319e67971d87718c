"""Signed in at a vCenter: each call ends in time, and a session that has expired is made anew."""

import ssl
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from pyVim.connect import SmartStubAdapter
from pyVmomi import vim, vmodl

from jinyun.providers.base import Connection
from jinyun.providers.vsphere.failures import calling, connecting

Answer = TypeVar("Answer")
PORT = 443
LOCALE = "en"
"""The language of vCenter's own words: those that operators find when they look them up."""


class VsphereSession:
    """One vCenter as one user; safe to use from several threads.

    `Connection.public` holds `url` (https://…), `username`, and `cacert` where the certificate's authority is not one
    that the machine trusts; `Connection.secret` is the password.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lock = threading.Lock()
        self._service: Any = None
        self._content: Any = None

    @property
    def endpoint(self) -> str:
        """Where the vCenter is."""
        return self.connection.public["url"]

    def ask(self, question: Callable[[Any], Answer]) -> Answer:
        """Return the answer to a question, which gets the service's content. Raises BackendError."""
        return self._call(question, reads=True)

    def change(self, change: Callable[[Any], Answer]) -> Answer:
        """Make a change that vCenter answers at once, or start a task. Raises BackendError."""
        return self._call(change, reads=False)

    def ref(self, kind: Any, moref: str) -> Any:
        """Return a reference to an object, whether or not it exists. Raises BackendError."""
        return kind(moref, self.ask(lambda content: content.rootFolder._stub))

    def _call(self, call: Callable[[Any], Answer], *, reads: bool) -> Answer:
        content = self._signed_in()
        with calling(reads=reads):
            try:
                return call(content)
            except vim.fault.NotAuthenticated:
                self._forget(content)  # nothing was done: whoever is unknown is not listened to
        content = self._signed_in()
        with calling(reads=reads):
            return call(content)

    def _signed_in(self) -> Any:
        with self._lock:
            if self._content is None:
                with connecting():
                    self._content = self._sign_in()
            return self._content

    def _forget(self, content: Any) -> None:
        with self._lock:
            if self._content is content:
                self._content = None

    def _sign_in(self) -> Any:
        """Sign in on the connections that there are: what was made with them speaks for the new session, too."""
        public = self.connection.public
        self._service = self._service or self._open(urlsplit(public["url"]), public.get("cacert"))
        content = self._service.RetrieveContent()
        content.sessionManager.Login(public["username"], self.connection.secret or "", LOCALE)
        return content

    def _open(self, address: SplitResult, authority: str | None) -> Any:
        stub = SmartStubAdapter(
            host=address.hostname,
            port=address.port or PORT,
            path="/sdk",
            sslContext=ssl.create_default_context(cafile=authority),
            httpConnectionTimeout=self.connection.call_timeout_seconds,
        )
        return vim.ServiceInstance("ServiceInstance", stub)


def is_expired(fault: vmodl.MethodFault) -> bool:
    """Tell whether a property is missing because the session is over, and not for lack of rights.

    vCenter tells both as a missing privilege; `NotAuthenticated` is the narrower word.
    """
    return isinstance(fault, vim.fault.NotAuthenticated)
