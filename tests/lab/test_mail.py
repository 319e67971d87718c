"""Whoever has to decide gets a mail, with a link to what he has to decide."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from lab.catalogue.mail import folder
from tests.contract.waiting import wait_until
from tests.lab.desk import Desk
from tests.lab.installation import LAYOUT, REGION, URL

pytestmark = pytest.mark.lab


def mails() -> Iterator[EmailMessage]:
    for kept in sorted(folder(LAYOUT).glob("*.eml"), reverse=True):
        mail = message_from_bytes(kept.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        yield mail


def test_the_approver_of_an_order_gets_a_mail_with_a_link(desk: Desk) -> None:
    volume = {"kind": "volume", "region": REGION, "tier": "general", "size_gib": 1, "name": desk.hostname("mail")}
    order = desk.order(volume)
    link = f"{URL}/approvals/{order['chain_id']}"
    found = wait_until(
        lambda: next((mail for mail in mails() if link in mail.get_content()), None),
        lambda mail: mail is not None,
        within=60,
        every=0.5,
    )
    assert found is not None
    assert str(found["To"]).startswith(f"{desk.manager_login}@")
    desk.applicant.post(f"/v1/orders/{order['id']}/withdraw", None)
