"""News of this room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainDecided:
    """A chain ended with a yes or a no; published in the transaction of the last decision."""

    chain_id: str
    subject_kind: str
    subject_id: str
    approved: bool
    comment: str


@dataclass(frozen=True, slots=True)
class ChainReturned:
    """The applicant has his request back, to hand it in again; published in the transaction of whoever returned it."""

    chain_id: str
    subject_kind: str
    subject_id: str
    comment: str
