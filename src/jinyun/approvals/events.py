"""News of this room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainDecided:
    """A chain ended with a yes, a no, or its due time; published in the same transaction."""

    chain_id: str
    subject_kind: str
    subject_id: str
    state: str
    """`approved`, `rejected` or `expired`."""
    comment: str


@dataclass(frozen=True, slots=True)
class ChainReturned:
    """The applicant has his request back, to hand it in again; published in the transaction of whoever returned it."""

    chain_id: str
    subject_kind: str
    subject_id: str
    comment: str
