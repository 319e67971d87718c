"""The API document is whole and true: whatever is sent, what comes back was declared."""

import re
import warnings
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jinyun.kit.http import PROBLEM_TYPE
from tests.api import APPLICANT, AUDITOR, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.server import server_url
from tests.stories.stage import NETWORK, REGION, Stage, a_server

PEOPLE = [APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR, AUDITOR]
WHO_SIGNS_OUT = "he.min"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8 if server_url() else 3
"""Of each operation; more where the database refuses more, as MariaDB does."""
VERBS = {"get", "post", "put", "patch", "delete"}
NOTHING_TO_GET_WRONG = {"GET /v1/health", "GET /v1/sign-in"}
SIGN_ON = {"begin_sign_on", "finish_sign_on", "fetch_session"}
OPEN_TO_ALL = {"sign_in", "sign_in_to_console", "show_ways", "health"} | SIGN_ON
WITHOUT_DATABASE = {"show_ways"}
GOOD = ("2", "3")


@pytest.fixture(scope="module")
def document(empty_stage: Stage) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as two operations of one name
        return empty_stage.app.openapi()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for verb, operation in path.items() if verb in VERBS]


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(operation["description"].endswith(".") for operation in operations(document))
    assert all(len(operation["tags"]) == 1 for operation in operations(document))


def test_every_operation_declares_how_it_may_fail(document: dict[str, Any]) -> None:
    assert "ProblemDocument" in document["components"]["schemas"]
    for operation in operations(document):
        answers = operation["responses"]
        assert "503" in answers or operation["operationId"] in WITHOUT_DATABASE, operation["operationId"]
        assert any(status.startswith(GOOD) for status in answers)
        for status, answer in answers.items():
            if not status.startswith(GOOD):
                schema = answer["content"][PROBLEM_TYPE]["schema"]
                assert schema == {"$ref": "#/components/schemas/ProblemDocument"}, operation["operationId"]
        if operation["operationId"] not in OPEN_TO_ALL:
            assert operation["security"]
            assert {"401", "403", "413", "422", "500"} <= answers.keys(), operation["operationId"]


def test_no_schema_has_the_name_of_a_module(document: dict[str, Any]) -> None:
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_text_and_number_that_is_taken_has_a_bound(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert_bounded(parameter["schema"], f"{operation['operationId']}: {parameter['name']}")
        for media in operation.get("requestBody", {}).get("content", {}).values():
            for name, schema in reachable(document, media["schema"]).items():
                assert schema.get("additionalProperties") is False, name
                for key, field in schema.get("properties", {}).items():
                    assert_bounded(field, f"{name}.{key}")


def assert_bounded(schema: dict[str, Any], where: str) -> None:
    for choice in schema.get("anyOf", [schema]):
        if choice.get("type") == "string":
            assert choice.keys() & {"maxLength", "pattern", "enum", "const", "format"}, where
        if choice.get("type") in {"integer", "number"}:
            assert choice.keys() & {"maximum", "exclusiveMaximum"}, where
        if choice.get("type") == "array":
            assert "maxItems" in choice, where


def reachable(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the named schemas that a body is made of."""
    found: dict[str, dict[str, Any]] = {}
    names = re.findall(r"#/components/schemas/(\w+)", str(schema))
    while names:
        name = names.pop()
        if name not in found:
            found[name] = document["components"]["schemas"][name]
            names += re.findall(r"#/components/schemas/(\w+)", str(found[name]))
    return found


@pytest.fixture(scope="module")
def real(stage: Stage) -> dict[str, str]:
    """Things that there are, by the names that addresses have for them."""
    order = stage.deliver(APPLICANT, a_server("documented-1", {"tier": "general", "size_gib": 1}))
    server = stage.as_(APPLICANT).get("/v1/servers")["items"][0]
    return {
        "order_id": order["id"],
        "chain_id": order["chain_id"],
        "operation_id": order["items"][0]["operation_id"],
        "server_id": server["id"],
        "volume_id": stage.as_(APPLICANT).get("/v1/volumes")["items"][0]["id"],
        "pool_id": stage.as_(OPERATOR).get("/v1/pools")["items"][0]["id"],
        "project": "mobile-banking-test",
        "login": "chen.yu",
        "address": server["address"],
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_what_comes_back_was_declared(stage: Stage, real: dict[str, str], mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(stage.app.openapi())
    failures: list[str] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.label in NOTHING_TO_GET_WRONG:
            continue

        @seed(20261122)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), login=st.sampled_from(PEOPLE), exists=st.booleans())
        def send(case: "Case[Any]", login: str, exists: bool) -> None:
            if exists:
                code = NETWORK if "/networks/" in case.path else REGION
                known = real | {"code": code}
                case.path_parameters.update({key: known[key] for key in case.path_parameters if key in known})
            signs_out = case.path.endswith(("/v1/sessions", "/sessions/current"))
            who = WHO_SIGNS_OUT if signs_out else login
            headers = {"Authorization": f"Bearer {stage.token(who)}"}
            case.call_and_validate(base_url=stage.url, headers=headers, checks=CHECKS)

        try:
            send()
        except Exception as error:  # noqa: BLE001 - all of them are told below
            failures.append(f"{operation.label}: {error}")
    assert not failures, "\n\n".join(failures)
