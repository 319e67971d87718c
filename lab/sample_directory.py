"""The sample bank as a company directory: 50 departments, 3,000 people, among them those of the sample bank itself."""

import base64
import hashlib
import os
import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from jinyun.bank import SAMPLE_BANK

SUFFIX = "dc=bank,dc=example"
READER = f"cn=jinyun,{SUFFIX}"
DEPARTMENTS = 50
PEOPLE = 3000
ACTIVE = "active"
Attributes = dict[str, str | list[str]]

SURNAMES = {
    "王": "wang", "李": "li", "张": "zhang", "刘": "liu", "陈": "chen", "杨": "yang", "赵": "zhao", "黄": "huang",
    "周": "zhou", "吴": "wu", "徐": "xu", "孙": "sun", "胡": "hu", "朱": "zhu", "高": "gao", "林": "lin",
    "何": "he", "郭": "guo", "马": "ma", "罗": "luo", "梁": "liang", "宋": "song", "郑": "zheng", "谢": "xie",
    "韩": "han", "唐": "tang", "冯": "feng", "董": "dong", "萧": "xiao", "欧阳": "ouyang", "司马": "sima",
}  # fmt: skip
GIVEN = {
    "伟": "wei", "芳": "fang", "娜": "na", "敏": "min", "静": "jing", "丽": "li", "强": "qiang", "磊": "lei",
    "军": "jun", "洋": "yang", "勇": "yong", "艳": "yan", "杰": "jie", "娟": "juan", "涛": "tao", "明": "ming",
    "超": "chao", "霞": "xia", "平": "ping", "刚": "gang", "桂英": "guiying", "建国": "jianguo", "晓明": "xiaoming",
    "思远": "siyuan", "雨桐": "yutong", "子涵": "zihan", "志强": "zhiqiang", "秀兰": "xiulan", "海燕": "haiyan",
}  # fmt: skip
BRANCHES = (
    ("beijing", "北京"), ("shanghai", "上海"), ("guangzhou", "广州"), ("shenzhen", "深圳"), ("chengdu", "成都"),
    ("hangzhou", "杭州"), ("nanjing", "南京"), ("wuhan", "武汉"), ("xian", "西安"), ("chongqing", "重庆"),
)  # fmt: skip
OFFICES = (("retail", "零售业务部"), ("corporate", "对公业务部"), ("operations", "运营管理部"))


@dataclass(frozen=True, slots=True)
class Unit:
    """A department."""

    code: str
    name: str
    parent: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class Worker:
    """A person."""

    login: str
    name: str
    department: str
    manager: str | None


def sample() -> tuple[list[Unit], list[Worker]]:
    """Return the sample bank's departments, from the top down, and its people; the same at every call."""
    bank = _bank()
    units = [Unit(each["code"], each["name"], each.get("parent"), each.get("manager")) for each in bank["departments"]]
    known = [(each["login"], each["name"], each["department"]) for each in bank["people"]]
    places = [(unit.code, unit.name, unit.parent) for unit in units] + list(_branches())
    staff = known + list(_crowd([code for code, *_ in places], {login for login, *_ in known}))
    heads = {unit.code: unit.head for unit in units}
    for login, _, department in staff[len(known) :]:
        heads.setdefault(department, login)
    above = {code: parent for code, _, parent in places}
    people = [
        Worker(login, name, department, _manager(login, department, heads, above)) for login, name, department in staff
    ]
    return [Unit(code, name, parent, heads.get(code)) for code, name, parent in places[:DEPARTMENTS]], people


def sample_logins() -> list[str]:
    """Return the logins of the sample bank's own people."""
    return [each["login"] for each in _bank()["people"]]


def ldif(passwords: Mapping[str, str]) -> Iterator[str]:
    """Return the whole directory as LDIF; whoever has a password here can sign in with it."""
    units, people = sample()
    yield _entry(SUFFIX, {"objectClass": ["dcObject", "organization"], "dc": "bank", "o": "样例银行 Sample Bank"})
    reader: Attributes = {"objectClass": ["organizationalRole", "simpleSecurityObject"], "cn": "jinyun"}
    reader["userPassword"] = hashed(passwords["jinyun"])
    yield _entry(READER, reader)
    yield _entry(f"cn=people,{SUFFIX}", {"objectClass": ["organizationalRole"], "cn": "people"})
    places: dict[str | None, str] = {None: SUFFIX}
    for unit in units:
        places[unit.code] = f"ou={unit.code},{places[unit.parent]}"
        entry: Attributes = {"objectClass": ["organizationalUnit"], "ou": unit.code, "description": unit.name}
        yield _entry(places[unit.code], entry | _reference("seeAlso", unit.head))
    for person in people:
        yield _entry(place_of(person.login), person_entry(person, passwords.get(person.login)))


def person_entry(person: Worker, password: str | None = None) -> Attributes:
    """Return the attributes of a person; empty ones are left out of an entry."""
    return {
        "objectClass": ["inetOrgPerson", "bankPerson"],
        "uid": person.login,
        "cn": person.name,
        "sn": person.name[:1],
        "displayName": person.name,
        "mail": f"{person.login}@bank.example",
        "departmentNumber": person.department,
        "manager": place_of(person.manager) if person.manager else "",
        "accountStatus": ACTIVE,
        "userPassword": hashed(password) if password else "",
    }


def place_of(login: str) -> str:
    """Return the name of a person's entry."""
    return f"uid={login},cn=people,{SUFFIX}"


def hashed(password: str) -> str:
    """Return a password as OpenLDAP keeps it: salted SHA-1, what its own build can check without modules."""
    salt = os.urandom(8)
    digest = hashlib.sha1(password.encode() + salt).digest()  # noqa: S324 - the format is OpenLDAP's
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def _bank() -> dict[str, list[dict[str, Any]]]:
    bank: dict[str, list[dict[str, Any]]] = yaml.safe_load(SAMPLE_BANK.read_text(encoding="utf-8"))
    return bank


def _reference(name: str, login: str | None) -> Attributes:
    return {name: place_of(login) if login else ""}


def _branches() -> Iterator[tuple[str, str, str | None]]:
    for code, city in BRANCHES:
        yield f"branch-{code}", f"{city}分行 {code.title()} Branch", "head-office"
        for office, name in OFFICES:
            yield f"branch-{code}-{office}", f"{city}分行{name}", f"branch-{code}"
    yield "training", "培训中心 Training Centre", "head-office"


def _crowd(departments: list[str], taken: set[str]) -> Iterator[tuple[str, str, str]]:
    chance = random.Random(20260101)  # noqa: S311 - names, not secrets
    numbers: dict[str, int] = {}
    for index in range(PEOPLE - len(taken)):
        surname, given = chance.choice(list(SURNAMES)), chance.choice(list(GIVEN))
        login = f"{SURNAMES[surname]}.{GIVEN[given]}"
        numbers[login] = numbers.get(login, 0) + 1
        department = (
            departments[index % DEPARTMENTS] if index < DEPARTMENTS else chance.choice(departments[:DEPARTMENTS])
        )
        yield f"{login}{numbers[login] + 1}", f"{surname}{given}", department


def _manager(
    login: str, department: str, heads: Mapping[str, str | None], above: Mapping[str, str | None]
) -> str | None:
    """Return who leads the department; of its head, who leads the next one above that somebody else leads."""
    here: str | None = department
    while here is not None:
        head = heads.get(here)
        if head is not None and head != login:
            return head
        here = above[here]
    return None


def _entry(dn: str, attributes: Attributes) -> str:
    lines = [f"dn:: {_encoded(dn)}", f"entryUUID: {uuid.uuid5(uuid.NAMESPACE_OID, dn)}"]
    for name, values in attributes.items():
        lines += [
            f"{name}:: {_encoded(value)}" for value in (values if isinstance(values, list) else [values]) if value
        ]
    return "\n".join(lines) + "\n\n"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
