"""What states and fields are called on the screen; whatever is not in here is shown as the API names it."""

from jinyun.kit.texts import Language, Text

STATES: dict[str, Text] = {
    "active": Text("active", "运行中"),
    "accepted": Text("accepted", "已接受"),
    "approved": Text("approved", "已批准"),
    "attached": Text("attached", "已挂载"),
    "available": Text("available", "可用"),
    "building": Text("building", "创建中"),
    "cancelled": Text("cancelled", "已取消"),
    "cleaning": Text("being removed", "清除中"),
    "confirmed": Text("confirmed", "已确认"),
    "creating": Text("creating", "创建中"),
    "deleted": Text("deleted", "已删除"),
    "deleting": Text("being deleted", "删除中"),
    "delivered": Text("delivered", "已交付"),
    "delivering": Text("delivering", "交付中"),
    "dismissed": Text("dismissed", "已忽略"),
    "done": Text("done", "完成"),
    "expired": Text("expired", "已过期"),
    "failed": Text("failed", "失败"),
    "gone": Text("gone", "已消失"),
    "needs_operator": Text("needs an operator", "需运维处理"),
    "offered": Text("offered", "可申请"),
    "open": Text("open", "待处理"),
    "ordered": Text("ordered", "申请中"),
    "partly_delivered": Text("partly delivered", "部分交付"),
    "passed": Text("not needed any more", "无需处理"),
    "pending": Text("pending", "待处理"),
    "pending_approval": Text("waiting for approval", "待审批"),
    "proposed": Text("proposed", "待接受"),
    "queued": Text("queued", "排队中"),
    "ready": Text("ready", "就绪"),
    "reachable": Text("reachable", "可访问"),
    "recycled": Text("in the recycle bin", "在回收站"),
    "registered": Text("registered", "已注册"),
    "refused": Text("refused", "已拒绝"),
    "rejected": Text("rejected", "已拒绝"),
    "released": Text("released", "已释放"),
    "replaced": Text("replaced", "已被替代"),
    "returned": Text("returned", "已退回"),
    "running": Text("running", "执行中"),
    "seen": Text("seen once", "待确认"),
    "skipped": Text("skipped", "已跳过"),
    "stopped": Text("stopped", "已关机"),
    "struck": Text("struck by an approver", "被审批人剔除"),
    "succeeded": Text("succeeded", "成功"),
    "undoing": Text("undoing", "回退中"),
    "undone": Text("undone", "已回退"),
    "unreachable": Text("unreachable", "不可访问"),
    "waiting": Text("waiting", "等待中"),
    "withdrawn": Text("withdrawn", "已撤回"),
}

GOOD = frozenset(
    {"active", "approved", "available", "attached", "delivered", "done", "ready", "reachable", "succeeded"}
)
BAD = frozenset({"confirmed", "failed", "needs_operator", "rejected", "unreachable", "partly_delivered"})
MOVING = frozenset(
    {"building", "cleaning", "creating", "delivering", "pending_approval", "queued", "running", "undoing", "waiting"}
)

FACTS: dict[str, Text] = {
    "added": Text("added", "新增"),
    "address": Text("address", "地址"),
    "attach_to": Text("for server", "所属服务器"),
    "cidr": Text("prefix", "网段"),
    "code": Text("code", "代码"),
    "dns": Text("name servers", "域名服务器"),
    "external": Text("leads to", "外部网络"),
    "flavor": Text("flavor", "规格"),
    "gateway": Text("gateway", "网关"),
    "host": Text("host", "主机"),
    "hostname": Text("hostname", "主机名"),
    "image": Text("image", "镜像"),
    "items": Text("items", "明细"),
    "kind": Text("kind", "类型"),
    "monthly_cost": Text("cost a month", "月费用"),
    "name": Text("name", "名称"),
    "network": Text("network", "网络"),
    "networks": Text("networks", "网络"),
    "number": Text("number", "订单号"),
    "placement": Text("placement", "分配"),
    "present_end": Text("lease until now", "目前租期至"),
    "purpose": Text("purpose", "用途"),
    "region": Text("region", "区域"),
    "removed": Text("removed", "删除"),
    "rules": Text("rules", "规则"),
    "security_group": Text("security group", "安全组"),
    "size_gib": Text("size in GiB", "容量（GiB）"),
    "survives_a_host": Text("survives the loss of a host", "可容忍单机故障"),
    "tier": Text("tier", "存储等级"),
    "until": Text("until", "到期"),
    "volumes": Text("volumes", "云硬盘"),
    "warnings": Text("warnings", "警告"),
    "zone": Text("availability zone", "可用区"),
}
"""What an approver reads of a request."""

ROLES: dict[str, Text] = {
    "user": Text("user", "用户"),
    "approver": Text("approver", "审批人"),
    "department_administrator": Text("department administrator", "部门管理员"),
    "owner": Text("owner", "负责人"),
    "operator": Text("operator", "运维人员"),
    "system_administrator": Text("system administrator", "系统管理员"),
    "security_administrator": Text("security administrator", "安全管理员"),
    "audit_administrator": Text("audit administrator", "审计管理员"),
}

SCOPES: dict[str, Text] = {
    "system": Text("the whole system", "全系统"),
    "department": Text("department", "部门"),
    "project": Text("application system", "应用系统"),
}


def word(words: dict[str, Text], name: str, language: Language) -> str:
    """Return what a name is called in a language."""
    known = words.get(name)
    return known.in_language(language) if known else name.replace("_", " ")


def state_style(state: str) -> str:
    """Return the colour of a state."""
    if state in GOOD:
        return "green"
    if state in BAD:
        return "red"
    return "yellow" if state in MOVING else ""
