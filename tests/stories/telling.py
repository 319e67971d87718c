"""Tells a story that is written down in YAML: gabbi's format, and three words more that make it read better.

`as` names who speaks, `language` his language, `becomes` what an answer must come to be (it is asked for again and
again until it is).
"""

import os
import unittest
from pathlib import Path
from typing import Any

import yaml
from gabbi import handlers
from gabbi.suitemaker import test_suite_from_dict

from tests.stories.stage import Stage

PATIENCE = {"count": 400, "delay": 0.1}


def tell(stage: Stage, story: Path) -> None:
    """Play a story on a stage, line after line.

    Raises:
        AssertionError: a line went otherwise; the lines after it are left out.
    """
    os.environ["WORLD"] = str(stage.world.path)
    content = yaml.safe_load(story.read_text(encoding="utf-8"))
    lines = {"tests": [_as_gabbi_has_it(stage, line) for line in content["story"]]}
    suite = test_suite_from_dict(
        unittest.defaultTestLoader,
        story.stem,
        lines,
        str(story.parent),
        "127.0.0.1",
        stage.port,
        None,
        None,
        handlers=[handler() for handler in handlers.RESPONSE_HANDLERS],
    )
    result = unittest.TestResult()
    result.failfast = True
    suite.run(result)
    failed = [f"{test.shortDescription()}\n{trace}" for test, trace in [*result.failures, *result.errors]]
    assert result.wasSuccessful(), "\n".join(failed)
    assert result.testsRun == len(lines["tests"])


def _as_gabbi_has_it(stage: Stage, line: dict[str, Any]) -> dict[str, Any]:
    told = dict(line)
    headers = {"content-type": "application/json", "accept-language": told.pop("language", "en")}
    if "as" in told:
        headers["authorization"] = f"Bearer {stage.token(told.pop('as'))}"
    told["request_headers"] = headers | told.get("request_headers", {})
    if "becomes" in told:
        told["response_json_paths"] = told.pop("becomes")
        told["poll"] = PATIENCE
    return told
