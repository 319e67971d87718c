"""Single sign-on with a provider that somebody else wrote, over real connections."""

import logging
import socket
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import update

from jinyun.access.sign_on import single_sign_on
from jinyun.access.sign_on_routes import router
from jinyun.organisation.models import Person
from tests.unit.access.stage import ORIGIN, House


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider on this machine that knows `alice`, who is in the group `cloud`."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        from oidc_provider_mock import User, app

        claims = {"preferred_username": "alice", "groups": ["cloud"]}
        provider = app(user_claims=[User(sub="4711", claims=claims)])
        logging.getLogger("oidc_provider_mock").setLevel(logging.ERROR)
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(provider, interface="wsgi", log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("group", "is_in"), [(None, True), ("cloud", True), ("treasury", False)])
def test_from_the_first_page_to_a_session(
    house: House, issuer: str, tmp_path: Path, group: str | None, is_in: bool
) -> None:
    secret = tmp_path / "client-secret"
    secret.write_text("known to both\n")
    house.settings = house.settings.model_copy(
        update={"oidc_issuer": issuer, "oidc_client_secret_file": secret, "oidc_group": group}
    )
    house.change(lambda session: session.execute(update(Person).where(Person.login == "alice").values(source="ldap")))
    app = house.app(router)
    app.state.single_sign_on = single_sign_on(house.settings)
    browser = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    there = browser.get("/v1/sign-on", params={"next": "/orders"}).headers["location"]
    back = httpx.post(there, data={"sub": "4711"}, trust_env=False).headers["location"]
    assert back.startswith(f"{ORIGIN}/v1/sign-on/callback")
    answer = browser.get(back)
    assert answer.status_code == (303 if is_in else 403), answer.text
    assert browser.get("/v1/self").status_code == (200 if is_in else 401)
