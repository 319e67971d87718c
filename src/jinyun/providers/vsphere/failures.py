"""What vCenter's failures mean: the one place where its faults and silences become one of the four kinds of error."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from pyVmomi import vim, vmodl

from jinyun.providers.errors import BackendDown, BackendError, Missing, OutcomeUnknown, Refused, Transient

FAULTS: tuple[tuple[type[Exception], type[BackendError], str | None], ...] = (
    (vim.fault.InvalidLogin, BackendDown, "credentials-rejected"),
    (vim.fault.NotAuthenticated, BackendDown, "credentials-rejected"),
    (vim.fault.NoPermission, Refused, "not-permitted"),
    (vmodl.fault.ManagedObjectNotFound, Missing, None),
    (vim.fault.NotFound, Missing, None),
    (vim.fault.TaskInProgress, Transient, None),
    (vim.fault.ConcurrentAccess, Transient, None),
    (vim.fault.InvalidPowerState, Refused, "wrong-state"),
    (vim.fault.InvalidState, Refused, "wrong-state"),
    (vim.fault.ToolsUnavailable, Refused, "wrong-state"),
    (vim.fault.InsufficientResourcesFault, Refused, "no-host-available"),
    (vmodl.fault.HostCommunication, Transient, None),
    (vmodl.fault.NotSupported, Refused, "not-offered"),
    (vmodl.fault.InvalidArgument, Refused, None),
    (vim.fault.VimFault, Refused, None),
)
"""Faults with what they mean and the code of the reason where it is not the kind's own; the first match counts."""


def words_of(fault: Exception) -> str:
    """Return what vCenter said, with the name of the fault."""
    name = type(fault).__name__.rpartition(".")[2]
    said = getattr(fault, "msg", None) or ("" if isinstance(fault, vmodl.MethodFault) else str(fault))
    return f"{name}: {said}" if said else name


def failure_of(fault: Exception, *, reads: bool) -> BackendError:
    """Return the error that a fault stands for.

    Args:
        fault: what vCenter raised, in an answer or as the end of a task.
        reads: whether the call was a question, which leaves nothing behind.
    """
    for kind, meaning, code in FAULTS:
        if isinstance(fault, kind):
            return meaning(words_of(fault), code=code)
    return no_answer(words_of(fault), reads=reads)


def no_answer(words: str, *, reads: bool) -> BackendError:
    """Return the error of a call that was sent and got no clear answer."""
    return Transient(words) if reads else OutcomeUnknown(words)


@contextmanager
def connecting() -> Iterator[None]:
    """Reach the vCenter and sign in: whatever fails here, the call itself was not sent.

    Raises:
        BackendDown: nobody answers, the certificate is not trusted, or the password is rejected.
    """
    try:
        yield
    except vmodl.MethodFault as fault:
        error = failure_of(fault, reads=True)
        raise error if isinstance(error, BackendDown) else BackendDown(error.words) from fault
    except ssl.SSLError as error:
        raise BackendDown(f"the certificate is not trusted: {error}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BackendDown(f"{type(error).__name__}: {error}") from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise BackendDown(str(error)) from error


@contextmanager
def calling(*, reads: bool) -> Iterator[None]:
    """Send a call.

    Raises:
        BackendError: what became of it, as one of the four kinds.
    """
    try:
        yield
    except vmodl.MethodFault as fault:
        raise failure_of(fault, reads=reads) from fault
    except (ConnectionRefusedError, ssl.SSLCertVerificationError) as error:
        raise BackendDown(f"{type(error).__name__}: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise no_answer(f"{type(error).__name__}: {error}", reads=reads) from error
