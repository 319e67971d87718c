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
    "purge": Text("delete a server for good", "彻底删除服务器"),
    "delete volume": Text("delete a volume", "删除卷"),
}

FAULTS: dict[str, Text] = {
    "answer lost": Text("It is done, and the answer is lost.", "请求已执行，但应答丢失。"),
    "request lost": Text("The request is lost.", "请求丢失。"),
    "doubled": Text("Something on the way repeats the request.", "请求在途中被重复发送。"),
    "storm": Text("Twelve calls in a row end with 500.", "连续十二次调用返回 500。"),
    "slow": Text("Calls and work take a hundred times as long.", "调用与执行耗时变为一百倍。"),
    "broken": Text("The server or volume ends, or already is, in error.", "服务器或卷变为（或已处于）错误状态。"),
    "vanished": Text("The server, port or volume is suddenly gone.", "服务器、端口或卷突然消失。"),
    "cancelled": Text("It is cancelled half-way.", "中途被取消。"),
    "undo fails": Text("It is cancelled half-way, and the undo never succeeds.", "中途被取消，且撤销始终失败。"),
    "down": Text("The region cannot be reached for a while.", "区域暂时无法连接。"),
}

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
    "purge": (DONE, DONE, DONE, DONE, DONE, DONE, DONE, DONE, NONE, DONE),
    "delete volume": (DONE, DONE, DONE, DONE, DONE, DONE, DONE, DONE, NONE, DONE),
}

OUTCOMES: dict[tuple[str, str], str] = {
    (verb, fault): outcome for verb, row in _ROWS.items() for fault, outcome in zip(FAULTS, row, strict=True)
}
"""State of the operation, and the code of its problem where it did not go as asked."""
