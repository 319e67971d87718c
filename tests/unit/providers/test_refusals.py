import pytest

from jinyun.providers.base import Server, ServerSpecification, ServerStatus
from jinyun.providers.errors import REASONS
from jinyun.providers.refusals import PHRASES, reason_code, refusal_from_fault


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("No valid host was found. There are not enough hosts available.", "no-host-available"),
        ("The requested availability zone is not available", "no-host-available"),
        ("Build of instance x aborted: Flavor's disk is too small for requested image.", "image-too-large"),
        ("Flavor's disk is smaller than the minimum size specified in image metadata.", "image-too-large"),
        ("Quota exceeded for cores: Requested 4, but already used 20 of 20 cores", "quota-in-backend"),
        ("IP address 10.20.0.9 already allocated in subnet 1f2e", "address-in-use"),
        ("Port 5c1b is still in use.", "address-in-use"),
        ("Invalid volume: volume 7 is already attached to instances: 9", "wrong-state"),
        ("Flavor 3 could not be found.", "missing-in-backend"),
        ("something that nobody has heard of", "refused"),
    ],
)
def test_words_give_the_reason(words: str, code: str) -> None:
    assert reason_code(words, "refused") == code
    assert refusal_from_fault(Server("1", "s", ServerStatus.ERROR, fault=words)).code == code


def test_every_reason_can_be_explained() -> None:
    assert {code for _, code in PHRASES} <= REASONS.keys()


def test_an_error_without_words_is_never_empty() -> None:
    assert "1" in refusal_from_fault(Server("1", "s", ServerStatus.ERROR)).words


def test_a_server_takes_one_public_key() -> None:
    with pytest.raises(ValueError, match="one public key"):
        ServerSpecification("s", "f", "i", (), public_keys=("ssh-ed25519 a", "ssh-ed25519 b"))
