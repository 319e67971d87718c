"""The plan: whatever the directory says, carrying it out leaves nothing to do, nobody twice, and no circle."""

from collections import Counter
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jinyun.connectors.directory import DirectoryDepartment, DirectoryPerson, Snapshot
from jinyun.directory.findings import circles
from jinyun.directory.known import Known, KnownDepartment, KnownPerson
from jinyun.directory.plan import CHANGE, JOIN, LEAVE, RETURN, Plan, make_plan

NOBODY = Known((), ())
BANK = Snapshot(
    (
        DirectoryDepartment("d1", "head", "总行", None, "p1"),
        DirectoryDepartment("d2", "retail", "零售", "d1", "p2"),
        DirectoryDepartment("d3", "cards", "信用卡", "d2", None),
    ),
    (
        DirectoryPerson("p1", "chief", "刘建", "chief@bank", "d1"),
        DirectoryPerson("p2", "rita", "王芳", "rita@bank", "d2", "p1"),
        DirectoryPerson("p3", "carl", "李伟", "carl@bank", "d3", "p2"),
    ),
)


NUMBERS = count()


def plan(known: Known, seen: Snapshot) -> Plan:
    return make_plan(known, seen, "ldap", lambda: f"id-{next(NUMBERS)}")


def carried_out(known: Known, todo: Plan) -> Known:
    departments: dict[str, Any] = {row.id: row for row in known.departments}
    people: dict[str, Any] = {row.id: row for row in known.people}
    for change in todo.changes:
        rows, shape = (departments, KnownDepartment) if change.kind == "department" else (people, KnownPerson)
        if change.action == JOIN:
            assert change.id not in rows
            rows[change.id] = shape(id=change.id, **change.values)
        else:
            rows[change.id] = replace(rows[change.id], **change.values)
    return Known(tuple(departments.values()), tuple(people.values()))


def texts(todo: Plan) -> str:
    return "\n".join(finding.text.en for finding in todo.findings)


def changed(known: Known, **changes: Any) -> Snapshot:
    """Return the bank with one entry altered, by its id."""
    (key, fields), *_ = changes.items()
    departments = tuple(replace(each, **fields) if each.id == key else each for each in BANK.departments)
    people = tuple(replace(each, **fields) if each.id == key else each for each in BANK.people)
    return Snapshot(departments, people)


def test_everything_is_new_once() -> None:
    first = plan(NOBODY, BANK)
    assert Counter(change.action for change in first.changes) == {JOIN: 6}
    assert not first.findings
    known = carried_out(NOBODY, first)
    assert [row.path for row in sorted(known.departments, key=lambda row: row.path)] == [
        "/head/",
        "/head/retail/",
        "/head/retail/cards/",
    ]
    again = plan(known, BANK)
    assert not again.changes
    assert again.summary.removed_percent == 0


def test_the_same_plan_has_the_same_digest_and_another_has_another() -> None:
    assert plan(NOBODY, BANK).digest == make_plan(NOBODY, BANK, "ldap", iter("uvwxyz").__next__).digest
    known = carried_out(NOBODY, plan(NOBODY, BANK))
    digests = {
        plan(known, changed(known, p3={"active": False})).digest,
        plan(known, changed(known, p2={"active": False})).digest,
        plan(known, BANK).digest,
    }
    assert len(digests) == 3


def test_renamed_moved_and_newly_named_is_still_the_same() -> None:
    known = carried_out(NOBODY, plan(NOBODY, BANK))
    fields = {"login": "carl.li", "name": "李大伟", "mail": "new@bank", "department": "d1"}
    todo = plan(known, changed(known, p3=fields))
    (change,) = todo.changes
    assert change.action == CHANGE
    assert change.before == {"login": "carl", "name": "李伟", "mail": "carl@bank", "department": "cards"}
    assert change.after == {"login": "carl.li", "name": "李大伟", "mail": "new@bank", "department": "head"}


def test_a_moved_department_takes_its_subtree_along() -> None:
    known = carried_out(NOBODY, plan(NOBODY, BANK))
    todo = plan(known, changed(known, d2={"parent": None, "code": "retail-bank"}))
    moved = carried_out(known, todo)
    assert {row.path for row in moved.departments} == {"/head/", "/retail-bank/", "/retail-bank/cards/"}
    assert all(change.action == CHANGE for change in todo.changes)


def test_two_who_swap_their_logins() -> None:
    known = carried_out(NOBODY, plan(NOBODY, BANK))
    people = tuple(
        replace(each, login={"rita": "carl", "carl": "rita"}.get(each.login, each.login)) for each in BANK.people
    )
    todo = plan(known, Snapshot(BANK.departments, people))
    assert not todo.findings
    after = {row.external_id: row.login for row in carried_out(known, todo).people}
    assert after == {"p1": "chief", "p2": "carl", "p3": "rita"}


def test_who_left_and_who_returns() -> None:
    known = carried_out(NOBODY, plan(NOBODY, BANK))
    gone = plan(known, Snapshot(BANK.departments, BANK.people[:2]))
    assert [(change.action, change.name) for change in gone.changes] == [(LEAVE, "carl")]
    assert gone.summary.removed_percent == 33.33
    without = carried_out(known, gone)
    back = plan(without, BANK)
    assert [(change.action, change.name) for change in back.changes] == [(RETURN, "carl")]
    assert not plan(carried_out(without, back), BANK).changes


def test_the_login_of_somebody_who_left_can_be_given_to_another() -> None:
    known = carried_out(NOBODY, plan(NOBODY, BANK))
    heir = DirectoryPerson("p9", "carl", "新人", "c@bank", "d3", "p2")
    todo = plan(known, Snapshot(BANK.departments, (*BANK.people[:2], heir)))
    after = {row.external_id: (row.login, row.active) for row in carried_out(known, todo).people}
    assert after["p9"] == ("carl", True)
    assert after["p3"][0].startswith("carl~")
    assert not after["p3"][1]


def test_whoever_was_entered_here_is_the_same_by_login_and_others_stay() -> None:
    rows = KnownDepartment("D", "head", "Head", "/head/", None, None, True, None, None)
    here = Known(
        (rows,),
        (
            KnownPerson("A", "chief", "Chief", "", "D", None, True, None, None),
            KnownPerson("B", "program", "Program", "", "D", None, True, None, None),
        ),
    )
    after = carried_out(here, plan(here, BANK))
    assert next(row for row in after.people if row.login == "chief").id == "A"
    assert next(row for row in after.people if row.id == "B") == here.people[1]
    assert next(row for row in after.departments if row.code == "head").id == "D"


def test_everything_that_is_wrong_is_said_and_the_rest_goes_on() -> None:
    wrong = Snapshot(
        (
            DirectoryDepartment("d1", "a", "A", "d2"),
            DirectoryDepartment("d2", "b", "B", "d1"),
            DirectoryDepartment("d3", "b", "B again"),
            DirectoryDepartment("d4", "with/slash", "C", "nowhere", "cn=nobody"),
            DirectoryDepartment("d5", "", ""),
        ),
        (
            DirectoryPerson("p1", "one", "One", "same@bank", "d1", "p2"),
            DirectoryPerson("p2", "two", "Two", "SAME@bank", "d1", "p1"),
            DirectoryPerson("p3", "two", "Three", "3@bank", "d1"),
            DirectoryPerson("p4", "", "Four", "4@bank", "d1"),
            DirectoryPerson("p5", "five", "", "", "nowhere", "cn=gone"),
            DirectoryPerson("p6", "self", "Six", "6@bank", "d1", "p6"),
        ),
    )
    todo = plan(NOBODY, wrong)
    after = carried_out(NOBODY, todo)
    assert {row.login for row in after.people} == {"one", "two", "five", "self"}
    said = texts(todo)
    for words in (
        "in a circle: a, b",
        "the code b belongs to another",
        "C has no usable code",
        "below one that there is not",
        "led by nobody who works here: cn=nobody",
        "same@bank is given to one, two",
        "The login two is given to several people; Three",
        "Four (p4) has no usable login",
        "five has no name",
        "five has no mail",
        "five is in no department that there is (nowhere)",
        "The manager of five does not work here: cn=gone",
        "manage one another in a circle: one, two; one",
        "manage one another in a circle: self; self",
    ):
        assert words in said, words
    assert all(finding.text.zh for finding in todo.findings)
    assert not plan(after, wrong).changes


IDS = st.sampled_from([f"x{number}" for number in range(6)])
MAYBE = st.one_of(st.none(), IDS, st.just("cn=nobody"))
DEPARTMENT = st.builds(
    DirectoryDepartment,
    IDS,
    st.sampled_from(["a", "b", "c", "d", "", "x/y", "z" * 70, "y" * 64]),
    st.just("N"),
    MAYBE,
    MAYBE,
)
PERSON = st.builds(
    DirectoryPerson,
    IDS,
    st.sampled_from(["k", "l", "m", "n", "", "bad\nlogin"]),
    st.sampled_from(["N", ""]),
    st.sampled_from(["m@b", ""]),
    MAYBE,
    MAYBE,
    st.booleans(),
)
SNAPSHOT = st.builds(
    Snapshot,
    st.lists(DEPARTMENT, max_size=6).map(tuple),
    st.lists(PERSON, max_size=6).map(tuple),
)


def ids(known: Known) -> set[str]:
    return {row.id for row in known.departments} | {row.id for row in known.people}


@settings(max_examples=300, deadline=None)
@given(st.lists(SNAPSHOT, min_size=1, max_size=4))
def test_any_history_of_directories(history: list[Snapshot]) -> None:
    known = NOBODY
    for seen in history:
        before = ids(known)
        known = carried_out(known, plan(known, seen))
        assert not plan(known, seen).changes
        assert before <= ids(known)
        assert max(Counter(row.code for row in known.departments).values(), default=1) == 1
        assert max(Counter(row.login for row in known.people).values(), default=1) == 1
        assert max(Counter(row.external_id for row in known.people).values(), default=1) == 1
        assert not circles({row.id: row.parent_id for row in known.departments})
        active = {row.id for row in known.people if row.active}
        assert not circles({row.id: row.manager_id for row in known.people if row.id in active})
        places = {row.id: row for row in known.departments}
        for row in known.departments:
            above = places[row.parent_id].path if row.parent_id else "/"
            assert row.path == f"{above}{row.code}/"
            assert row.manager_id is None or row.manager_id in active or not row.active
        assert all(row.department_id in places for row in known.people)
        there = {each.id for each in seen.people if each.active}
        assert not [row for row in known.people if row.active and row.external_id not in there]
