"""Everything that can go wrong × every verb: how an operation has to end. The one table of tests and documents."""

from jinyun.kit.texts import Text

VERBS: dict[str, Text] = {
    "create server": Text("create a server", "创建服务器"),
    "create port": Text("create its port", "创建端口"),
    "create volume": Text("create a volume", "创建卷"),
    "attach": Text("attach a volume", "挂载卷"),
    "detach": Text("detach a volume", "卸载卷"),
    "start": Text("start", "启动"),
    "stop": Text("stop", "停止"),
    "reboot": Text("reboot", "重启"),
    "resize": Text("resize", "变更规格"),
    "move": Text("move to another host", "迁移到其他主机"),
    "purge": Text("delete a server for good", "彻底删除服务器"),
    "delete volume": Text("delete a volume", "删除卷"),
}

FAULTS: dict[str, tuple[Text, Text]] = {
    "answer lost": (
        Text("answer lost", "应答丢失"),
        Text("It is done, and the answer is lost.", "请求已执行，但应答丢失。"),
    ),
    "request lost": (Text("request lost", "请求丢失"), Text("The request never arrives.", "请求未到达区域。")),
    "doubled": (
        Text("doubled", "重复请求"),
        Text("Something on the way repeats the request.", "请求在途中被重复发送。"),
    ),
    "storm": (Text("storm", "错误风暴"), Text("Twelve calls in a row end with 500.", "连续十二次调用返回 500。")),
    "slow": (
        Text("slow", "极慢"),
        Text("Calls and work take a hundred times as long.", "调用与执行耗时为平时的一百倍。"),
    ),
    "broken": (
        Text("broken", "出错"),
        Text(
            "What is made ends in error; what is changed is in error.",
            "所创建的对象变为错误状态，或所操作的对象处于错误状态。",
        ),
    ),
    "vanished": (
        Text("vanished", "消失"),
        Text("The server, port or volume is suddenly gone.", "服务器、端口或卷突然消失。"),
    ),
    "cancelled": (Text("cancelled", "被取消"), Text("It is cancelled half-way.", "执行到一半时被取消。")),
    "undo fails": (
        Text("undo fails", "撤销失败"),
        Text("It is cancelled half-way, and no undo succeeds.", "执行到一半时被取消，且撤销始终失败。"),
    ),
    "down": (Text("down", "不可达"), Text("The region cannot be reached for a while.", "区域一段时间内无法连接。")),
}
"""By name: what it is called, and what happens."""

DONE = "succeeded"
UNDONE = "cancelled"
REFUSED = "failed: refused"
STATE = "failed: wrong-state"
MISSING = "failed: missing-in-backend"
STUCK = "needs_operator: undo-refused"
NONE = "-"
"""There is no such case: a port is never in error; what takes nothing back has no undo that could fail."""

_ROWS: dict[str, tuple[str, ...]] = {
    "create server": (DONE, DONE, DONE, DONE, DONE, REFUSED, DONE, UNDONE, STUCK, DONE),
    "create port": (DONE, DONE, DONE, DONE, DONE, NONE, MISSING, UNDONE, STUCK, DONE),
    "create volume": (DONE, DONE, DONE, DONE, DONE, REFUSED, MISSING, UNDONE, STUCK, DONE),
    "attach": (DONE, DONE, DONE, DONE, DONE, STATE, MISSING, UNDONE, STUCK, DONE),
    "detach": (DONE, DONE, DONE, DONE, DONE, DONE, DONE, DONE, NONE, DONE),
    "start": (DONE, DONE, DONE, DONE, DONE, REFUSED, MISSING, UNDONE, NONE, DONE),
    "stop": (DONE, DONE, DONE, DONE, DONE, REFUSED, MISSING, UNDONE, NONE, DONE),
    "reboot": (DONE, DONE, DONE, DONE, DONE, STATE, MISSING, UNDONE, NONE, DONE),
    "resize": (DONE, DONE, DONE, DONE, DONE, REFUSED, MISSING, UNDONE, STUCK, DONE),
    "move": (DONE, DONE, DONE, DONE, DONE, STATE, MISSING, UNDONE, NONE, DONE),
    "purge": (DONE, DONE, DONE, DONE, DONE, DONE, DONE, DONE, NONE, DONE),
    "delete volume": (DONE, DONE, DONE, DONE, DONE, DONE, DONE, DONE, NONE, DONE),
}

OUTCOMES: dict[tuple[str, str], str] = {
    (verb, fault): outcome for verb, row in _ROWS.items() for fault, outcome in zip(FAULTS, row, strict=True)
}
"""State of the operation, and the code of its problem where it did not go as asked."""
