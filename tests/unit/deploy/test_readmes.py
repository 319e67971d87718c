"""The check of the documents finds what it says it finds, and lets pass what is right."""

from pathlib import Path

import pytest

from deploy.readmes import findings_of
from deploy.shell_lines import command_problem, programs

ENGLISH = """# Jinyun

See [the guide](docs/en/guide.md#first) and [elsewhere](https://example.org).

```
make up REGION=simulated
bin/jinyun -p li.wei server list
```

| a | b |
|---|---|
| `x` | y |
"""
CHINESE = ENGLISH.replace("See [the guide](docs/en/guide.md#first)", "见[指南](docs/zh/guide.md)")
GUIDE = "# Guide\n\nRun `make check`.\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose documents are in step."""
    write(tmp_path, "Makefile", "REGION ?= lab\nup: setup ## Up\n\t@true\ncheck: setup\nbench-%: setup\n")
    write(tmp_path, "README.md", ENGLISH)
    write(tmp_path, "README.zh-CN.md", CHINESE)
    write(tmp_path, "docs/en/guide.md", GUIDE)
    write(tmp_path, "docs/zh/guide.md", GUIDE.replace("Guide", "指南"))
    return tmp_path


def test_documents_in_step_have_no_findings(checkout: Path) -> None:
    assert list(findings_of(checkout)) == []


def test_a_page_in_one_language_alone_is_found(checkout: Path) -> None:
    (checkout / "docs/zh/guide.md").unlink()
    write(checkout, "README.zh-CN.md", ENGLISH)
    assert list(findings_of(checkout)) == ["docs/zh/guide.md: is missing; docs/en/guide.md is there"]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("# Jinyun", "## Jinyun", "README.zh-CN.md: its headings are [2], those of README.md [1]"),
        ("-p li.wei server", "-p wang.fang server", "README.zh-CN.md:5: differs from the code block at README.md:5"),
        ("| `x` | y |\n", "", "README.zh-CN.md: its tables (rows, columns) are [(2, 2)], those of README.md [(3, 2)]"),
        ("docs/zh/guide.md", "docs/zh/other.md", "README.zh-CN.md:3: links to docs/zh/other.md, which does not exist"),
    ],
)
def test_a_difference_is_found(checkout: Path, before: str, after: str, found: str) -> None:
    write(checkout, "README.zh-CN.md", CHINESE.replace(before, after))
    assert found in list(findings_of(checkout))


def test_a_block_that_the_other_language_lacks_is_found(checkout: Path) -> None:
    write(checkout, "docs/zh/guide.md", GUIDE + "\n```\nls\n```\n")
    assert list(findings_of(checkout)) == ["docs/zh/guide.md: has 1 code blocks, docs/en/guide.md 0"]


def test_an_unknown_make_target_is_found_and_a_pattern_rule_knows_its_targets(checkout: Path) -> None:
    write(checkout, "docs/decisions/why.md", "# Why\n\nRun `make bench-delivery`, then `make tea`.\n")
    assert list(findings_of(checkout)) == ["docs/decisions/why.md:3: `make tea`: the Makefile has no such target"]


def test_an_unknown_command_is_found_with_its_line(checkout: Path) -> None:
    write(checkout, "docs/decisions/why.md", "# Why\n\n```\nls\nJINYUN_URL=x bin/jinyun server dance vm-1\n```\n")
    expected = "docs/decisions/why.md:5: `server dance vm-1`: there is no command `dance`"
    assert list(findings_of(checkout)) == [expected]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("server list", None),
        ("", None),
        ("-p li.wei -o json server show vm-1", None),
        ("server log vm-1 -n 20", None),
        ("pool set kvm --region lab --no-orderable", None),
        ("order server --help", None),
        ("server", "it ends before its command"),
        ("server list --colour", "there is no option `--colour`"),
        ("server list --project", "`--project` lacks its value"),
        ("reject 20260101-0001", "--comment is missing"),
    ],
)
def test_a_command_line_is_held_against_the_commands_there_are(line: str, problem: str | None) -> None:
    assert command_problem(line.split()) == problem


def test_command_lines_are_found_behind_assignments_prompts_and_pipes() -> None:
    lines = [
        "$ A=1 bin/jinyun todo | head",
        "jinyun order server \\",
        "  --project x",
        "cat f && jinyun whoami",
        "it's no shell",
        "ssh root@jinyun",
    ]
    assert list(programs(lines)) == [(0, ["todo"]), (1, ["order", "server", "--project", "x"]), (3, ["whoami"])]


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
