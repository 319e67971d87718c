"""What a browser is given beside the API, and what it may do with it."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from jinyun.web.pages import install_pages

INDEX = '<!doctype html><meta name="style-nonce" content="__NONCE__"><script src="/assets/index-1.js"></script>'
SCRIPT = "// the console\n" * 200


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "index-1.js").write_text(SCRIPT)
    (tmp_path / "secret.txt").write_text("not for the web")
    return folder


def browser(folder: Path, *, https: bool = False) -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None)

    @app.get("/v1/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    install_pages(app, folder, https=https)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/orders", "/servers/0199-1", "/sign-in?next=/orders", "/index.html"])
def test_every_address_outside_of_the_api_is_the_one_page(built: Path, path: str) -> None:
    answer = browser(built).get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"


def test_styles_are_known_by_a_word_that_is_another_each_time(built: Path) -> None:
    def word() -> str:
        answer = browser(built).get("/")
        found = re.search(r'content="([^"]+)"', answer.text)
        assert found
        assert f"'nonce-{found[1]}'" in answer.headers["content-security-policy"]
        return found[1]

    assert word() != word()


def test_no_script_runs_that_is_not_a_file_of_ours(built: Path) -> None:
    policy = dict(part.split(" ", 1) for part in browser(built).get("/").headers["content-security-policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(policy)


def test_assets_are_kept_for_a_year_and_sent_small(built: Path) -> None:
    answer = browser(built).get("/assets/index-1.js", headers={"accept-encoding": "gzip"})
    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_asset_of_another_release_is_missing_and_nobody_remembers_that(built: Path) -> None:
    answer = browser(built).get("/assets/index-0.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-cache")


@pytest.mark.parametrize("path", ["/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/..%2fsecret.txt"])
def test_nothing_outside_of_the_folder_is_handed_out(built: Path, path: str) -> None:
    assert "not for the web" not in browser(built).get(path).text


def test_the_api_answers_for_itself_and_nobody_keeps_its_answers(built: Path) -> None:
    client = browser(built)
    answer = client.get("/v1/health")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert client.get("/v1/nothing").status_code == 404
    assert client.post("/orders").status_code == 404


def test_over_tls_browsers_stay_with_tls(built: Path) -> None:
    assert "strict-transport-security" not in browser(built).get("/").headers
    assert "max-age" in browser(built, https=True).get("/").headers["strict-transport-security"]


def test_without_pages_there_is_still_the_api(tmp_path: Path) -> None:
    client = browser(tmp_path / "nothing-built")
    assert client.get("/v1/health").status_code == 200
    assert client.get("/").status_code == 404
