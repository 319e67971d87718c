"""Following operations and orders to their end."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import Failure, Refused
from jinyun.cli.language import here
from jinyun.cli.terminal import Terminal
from jinyun.cli.watching import Line, Sight, watch
from jinyun.cli.words import ROLES, word
from jinyun.kit.texts import Text

Document = Mapping[str, Any]
ENDED = frozenset({"succeeded", "failed", "cancelled"})
OPEN_ORDER = frozenset({"pending_approval", "delivering"})

ORDERED = Text(
    "It has to be approved: order {number} was submitted; see `jinyun order watch {number}`.",
    "需要审批：已提交订单 {number}，可用 `jinyun order watch {number}` 查看。",
)
STARTED = Text("Started; see `jinyun operation watch {id}`.", "已开始，可用 `jinyun operation watch {id}` 查看。")
QUEUED = Text("place {place} in the queue {lane}", "在队列 {lane} 中排第 {place} 位")
STAGE = Text("stage {position}: {needed} of these", "第 {position} 级：需 {needed} 人同意")
FAILED = Text("{title} ({name}) ended as {state}.", "{title}（{name}）结束，状态为 {state}。")
NEEDS_OPERATOR = Text(
    "An operator has to look at it; `jinyun operation retry {id}` lets it go on.",
    "需要运维人员处理，可用 `jinyun operation retry {id}` 继续。",
)


def carry_through(terminal: Terminal, operation: Document, *, no_wait: bool) -> None:
    """Follow an operation that was just started to its end, or say only that it was started, or that it was ordered.

    Raises:
        Failure: it did not succeed.
    """
    is_order = "number" in operation
    if no_wait or is_order:
        if terminal.output == "json":
            terminal.print_json(operation)
        else:
            terminal.say(here((ORDERED if is_order else STARTED).format(**operation)))
        return
    ended = follow_operation(terminal, operation["id"])
    if terminal.output == "json":
        terminal.print_json(ended)
    require_success(ended)


def follow_operation(terminal: Terminal, operation_id: str) -> Document:
    """Show an operation's steps until it has ended, and return it; one that needs an operator has ended for now."""
    seen: dict[str, Any] = {}

    def look() -> Sight:
        seen.update(_operation(terminal, operation_id))
        return Sight([_head(seen), *_steps(seen, depth=1)], _stands_still(seen))

    watch(terminal, look)
    return seen


def require_success(operation: Document) -> None:
    """Let an operation pass that succeeded. Raises Failure with what went wrong, in plain words."""
    if operation["state"] == "succeeded":
        return
    problem = operation["problem"]
    ended = FAILED.format(title=operation["title"], name=operation["subject_name"], state=operation["state"])
    detail = " ".join([here(ended), *([_reason(problem)] if problem else [])])
    hint = here(NEEDS_OPERATOR.format(id=operation["id"])) if operation["state"] == "needs_operator" else ""
    raise Failure(detail, hint, code=problem["code"] if problem else operation["state"])


def follow_order(terminal: Terminal, order_id: str) -> None:
    """Show an order, who has to decide on it, and its deliveries, until nothing more will happen.

    Ends the command with 0 where everything was delivered, else with 1.
    """
    order = _OrderSight(terminal, order_id)
    watch(terminal, order.look)
    if terminal.output == "json":
        terminal.print_json(order.order)
    raise typer.Exit(0 if order.order["state"] == "delivered" else 1)


class _OrderSight:
    """An order with what belongs to it; what has ended is not read again."""

    def __init__(self, terminal: Terminal, order_id: str) -> None:
        self._terminal = terminal
        self._order_id = order_id
        self._ended: dict[str, Document] = {}
        self._chain: Document | None = None
        self.order: Document = {}

    def look(self) -> Sight:
        self.order = self._terminal.api.get(path_to("orders", self._order_id), patiently=True)
        lines = [Line("order", f"{self.order['number']} {self.order['purpose']}", self.order["state"], self._comment())]
        lines += self._approval()
        for item in self.order["items"]:
            lines += self._item(item)
        return Sight(lines, self.order["state"] not in OPEN_ORDER)

    def _comment(self) -> str:
        return str(self.order["comment"])

    def _approval(self) -> Iterator[Line]:
        if self._chain is None or self._chain["state"] == "pending":
            self._chain = self._read_chain()
        for stage in self._chain["stages"] if self._chain else []:
            title = here(STAGE.format(position=stage["position"], needed=stage["needed"]))
            yield Line(f"stage-{stage['position']}", title, stage["state"], depth=1)
            for asked in stage["assignments"]:
                name = asked["person_name"] or word(ROLES, asked["role"] or "", self._terminal.language)
                yield Line(asked["id"], name, asked["state"], asked["reason"], depth=2)

    def _read_chain(self) -> Document | None:
        """Return who is asked, or None for those who may see the order but not that."""
        if self.order["chain_id"] is None:
            return None
        try:
            chain: Document = self._terminal.api.get(path_to("chains", self.order["chain_id"]), patiently=True)
        except Refused as refused:
            if refused.code in {"not-found", "forbidden"}:
                return None
            raise
        return chain

    def _item(self, item: Document) -> Iterator[Line]:
        wanted = item["specification"]
        title = f"{item['kind']} {wanted.get('hostname') or wanted.get('name', '')}"
        problem = item["problem"]
        yield Line(item["id"], title, item["state"], _reason(problem) if problem else "", depth=1)
        if item["operation_id"] is not None:
            yield from _steps(self._operation(item["operation_id"]), depth=2)

    def _operation(self, operation_id: str) -> Document:
        operation = self._ended.get(operation_id) or _operation(self._terminal, operation_id)
        if operation["state"] in ENDED:
            self._ended[operation_id] = operation
        return operation


def _operation(terminal: Terminal, operation_id: str) -> Document:
    operation: Document = terminal.api.get(path_to("operations", operation_id), patiently=True)
    return operation


def _stands_still(operation: Document) -> bool:
    return operation["state"] in ENDED or operation["state"] == "needs_operator"


def _head(operation: Document) -> Line:
    problem = operation["problem"]
    title = f"{operation['title']} {operation['subject_name']}"
    return Line(operation["id"], title, operation["state"], _reason(problem) if problem else "", _seconds(operation))


def _steps(operation: Document, *, depth: int) -> Iterator[Line]:
    for step in operation["steps"]:
        key = f"{operation['id']}/{step['name']}"
        yield Line(key, _title(step), step["state"], _detail(step), _seconds(step), depth)


def _title(step: Document) -> str:
    """Return a step's title, with the thing that it is for where there are several alike."""
    _, _, thing = step["name"].partition(":")
    return f"{step['title']} ({thing})" if thing else str(step["title"])


def _detail(step: Document) -> str:
    parts = []
    if step["queue_place"] is not None:
        parts.append(here(QUEUED.format(place=step["queue_place"], lane=step["lane"])))
    if step["progress"] and step["ended_at"] is None:
        parts.append(step["progress"])
    if step["problem"]:
        parts.append(_reason(step["problem"]))
    return "; ".join(parts)


def _reason(problem: Document) -> str:
    words, text = problem["words"], str(problem["text"])
    return text if words in text else f"{text} ({words})"


def _seconds(document: Document) -> float | None:
    """Return how long it took, or has taken until now."""
    if document["started_at"] is None:
        return None
    started = datetime.fromisoformat(document["started_at"])
    ended = datetime.fromisoformat(document["ended_at"]) if document["ended_at"] else datetime.now(UTC)
    return max(0.0, (ended - started).total_seconds())
