"""What goes with an exported part of the log, so that anybody with the public key can check it without a database.

One seal proves all that came before it: the proof names the first one at or after the part's end, and the digests of
the records in between. What has no chain in it, such as a table for a spreadsheet, is proved by its digest alone.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from nacl.encoding import Base64Encoder
from nacl.signing import SigningKey, VerifyKey

from jinyun.audit.chain import Finding, is_signed, link
from jinyun.audit.seal_file import Seal
from jinyun.audit.service import CONTENT, canonical, digest_of
from jinyun.kit.texts import Text

Form = Literal["jsonl", "csv"]
FORMAT = "jinyun-audit-proof-1"
CHUNK = 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
NOT_A_PROOF = Text("this is no proof: {why}", "这不是有效的证明文件：{why}")
OTHER_KEY = Text("the proof was made with another key: {key}", "证明由另一密钥签署：{key}")
PROOF_FORGED = Text("the signature of the proof is not ours", "证明文件的签名不是本系统所签")
FILE_CHANGED = Text("the file is not the one that the proof was made for", "文件与证明不符")
NO_RECORD = Text("line {line} is no record", "第 {line} 行不是记录")
NOT_NEXT = Text("record {found} stands where {expected} belongs", "应为记录 {expected}，实为 {found}")
CHANGED = Text("the content was changed after it was written", "内容在写入后被更改")
BROKEN = Text("the chain does not follow from the record before", "链值与前一条记录不相接")
OTHER_END = Text("the file does not end where the proof says", "文件末尾与证明不符")
NOT_SEALED = Text("the chain does not lead to the seal", "链未通向封印")
SEAL_FORGED = Text("the signature of the seal is not ours", "封印的签名不是本系统所签")


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a part of the log stood in the chain, and what the file is."""

    file: str
    form: Form
    first: int
    last: int
    before: str
    """Chain value before the first record."""
    after: str
    """Chain value at the last record."""
    sha256: str
    """Of the file."""
    made_at: str
    key: str
    """Fingerprint of the public key: its SHA-256."""
    seal: dict[str, Any]
    beyond: tuple[str, ...]
    """Digests of the records between the last one and the seal."""
    signature: str = ""
    """Ed25519 over all of the above, base64."""

    def statement(self) -> bytes:
        """Return what the signature covers."""
        said = asdict(self) | {"format": FORMAT}
        del said["signature"]
        return canonical(said)

    def signed(self, signer: SigningKey) -> "Proof":
        """Return it with its signature."""
        return replace(self, signature=signer.sign(self.statement(), Base64Encoder).signature.decode())

    def as_document(self) -> dict[str, Any]:
        """Return it as it is written down."""
        return {"format": FORMAT} | asdict(self)

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """Return a proof as it was written down. Raises ValueError, KeyError or TypeError where it is none."""
        document = json.loads(text)
        if document.pop("format") != FORMAT:
            raise ValueError("format")
        Seal.parse(document["seal"])
        return cls(**document | {"beyond": tuple(document["beyond"])})


def fingerprint(key: VerifyKey) -> str:
    """Return what people compare a public key by."""
    return hashlib.sha256(bytes(key)).hexdigest()


def check(file: Path, proof_file: Path, key: VerifyKey) -> list[Finding]:
    """Return what is wrong with an exported part of the log: nothing, or the first thing of each kind.

    Raises:
        OSError: a file cannot be read.
    """
    try:
        proof = Proof.parse(proof_file.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        return [Finding(None, None, NOT_A_PROOF.format(why=error))]
    if proof.key != fingerprint(key):
        return [Finding(None, None, OTHER_KEY.format(key=proof.key))]
    findings = [] if is_signed(key, proof.statement(), proof.signature) else [Finding(None, None, PROOF_FORGED)]
    findings += _check_seal(proof, key)
    if _sha256(file) != proof.sha256:
        findings.append(Finding(None, None, FILE_CHANGED))
    return findings + (list(_check_lines(file, proof)) if proof.form == "jsonl" else [])


def _check_seal(proof: Proof, key: VerifyKey) -> list[Finding]:
    seal, head = Seal.parse(proof.seal), proof.after
    for each in proof.beyond:
        head = link(head, each)
    findings = []
    if not is_signed(key, seal.statement(), seal.signature):
        findings.append(Finding(seal.number, None, SEAL_FORGED))
    if (seal.number, seal.head) != (proof.last + len(proof.beyond), head):
        findings.append(Finding(seal.number, None, NOT_SEALED))
    return findings


def _check_lines(file: Path, proof: Proof) -> Iterator[Finding]:
    """Follow the chain through the file; after the first break nothing more can be told."""
    expected, head = proof.first, proof.before
    with file.open("rb") as lines:
        line_number = 0
        while line := lines.readline(LONGEST_LINE):
            line_number += 1
            entry = _parsed(line)
            if entry is None:
                yield Finding(None, None, NO_RECORD.format(line=line_number))
                return
            broken = _fault(entry, expected, head)
            if broken is not None:
                yield Finding(expected, entry["id"], broken)
                return
            expected, head = expected + 1, entry["chain"]
    if (expected - 1, head) != (proof.last, proof.after):
        yield Finding(expected, None, OTHER_END)


def _fault(entry: dict[str, Any], expected: int, head: str) -> Text | None:
    if entry["number"] != expected:
        return NOT_NEXT.format(found=entry["number"], expected=expected)
    said = {name: value for name, value in entry.items() if name in CONTENT}
    if digest_of(said) != entry["digest"]:
        return CHANGED
    return None if entry["chain"] == link(head, entry["digest"]) else BROKEN


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    named = isinstance(entry, dict) and {"id", "number", "digest", "chain"} <= entry.keys()
    return entry if named else None


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
