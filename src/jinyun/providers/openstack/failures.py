"""What OpenStack's failures mean: the one place where answers and silences become one of the four kinds of error.

A question that fails leaves nothing behind, so asking again is right. A change that gets no clear answer may have been
made: only reading the state back tells.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests
import urllib3
from keystoneauth1 import exceptions as keystone
from openstack import exceptions as sdk

from jinyun.providers.errors import BackendDown, BackendError, Missing, OutcomeUnknown, Refused, Transient
from jinyun.providers.refusals import reason_code

CLEAR: Mapping[int, tuple[type[BackendError], str | None]] = {
    401: (BackendDown, "credentials-rejected"),
    404: (Missing, None),
    408: (Transient, None),
    429: (Transient, None),
    503: (BackendDown, None),
}
"""Answers that mean the same whatever the words, with the code of the reason where it is not the kind's own."""

REFUSED: Mapping[int, str] = {400: "refused", 403: "refused", 409: "wrong-state", 413: "quota-in-backend"}
"""Answers that refuse, with the code of the reason where the words give none."""

PASSING = re.compile(r"task_state|not (yet )?ready|try again|concurrent|please retry", re.IGNORECASE)
"""A conflict in these words goes away by itself."""


def failure_of_answer(status: int, words: str, *, reads: bool) -> BackendError:
    """Return the error that an HTTP answer from 400 on stands for.

    Args:
        status: the HTTP status.
        words: what the service said.
        reads: whether the request was a question, which leaves nothing behind.
    """
    if status in CLEAR:
        kind, code = CLEAR[status]
        return kind(words, code=code)
    if status >= 500:
        return no_answer(words, reads=reads)
    if status == 409 and PASSING.search(words):
        return Transient(words)
    reason = reason_code(words, REFUSED.get(status, "refused"))
    return Missing(words) if reason == Missing.default_code else Refused(words, code=reason)


def no_answer(words: str, *, reads: bool) -> BackendError:
    """Return the error of a request that was sent and got no answer of the service's own."""
    return Transient(words) if reads else OutcomeUnknown(words)


@contextmanager
def preparing() -> Iterator[None]:
    """Sign in and find the service: whatever fails here, the request itself was not sent.

    Raises:
        BackendDown: nobody answers, or lets nobody in (`credentials-rejected`), or there is no such service.
        Transient: the identity service is in trouble.
    """
    try:
        yield
    except keystone.HttpError as error:
        raise failure_of_answer(_status(error), str(error), reads=True) from error
    except (keystone.ClientException, sdk.SDKException) as error:
        raise BackendDown(str(error)) from error


@contextmanager
def sending(*, reads: bool) -> Iterator[None]:
    """Send a request.

    Raises:
        BackendDown: it never left.
        Transient: a question got no answer.
        OutcomeUnknown: a change got no answer.
    """
    try:
        yield
    except keystone.ClientException as error:
        if never_sent(error):
            raise BackendDown(str(error)) from error
        raise no_answer(str(error), reads=reads) from error


def never_sent(error: BaseException) -> bool:
    """Tell whether a request failed before it was sent: refused, unreachable, unknown name, untrusted certificate."""
    cause = error.__context__
    if isinstance(error, keystone.SSLError) or isinstance(cause, requests.exceptions.ConnectTimeout):
        return True
    if not isinstance(cause, requests.exceptions.ConnectionError) or not cause.args:
        return False
    return isinstance(getattr(cause.args[0], "reason", None), urllib3.exceptions.NewConnectionError)


def _status(error: keystone.HttpError) -> int:
    """Return the status of a failed sign-in; a request that is wrong there comes from wrong settings of the region."""
    return 503 if error.http_status in {400, 403, 404} else int(error.http_status)
