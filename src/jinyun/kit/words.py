"""What kinds, states, verbs and roles are called in Chinese; in English they are called what the API calls them."""

from jinyun.kit.texts import Text

KINDS: dict[str, str] = {
    "address": "地址",
    "application system": "应用系统",
    "assignment": "审批任务",
    "audit record": "审计记录",
    "binding": "绑定",
    "cloud quotas": "区域配额",
    "chain": "审批链",
    "change": "变更",
    "department": "部门",
    "flavor": "规格",
    "hold": "预留",
    "image": "镜像",
    "key pair": "密钥对",
    "lane": "通道",
    "member": "成员",
    "network": "网络",
    "network proposal": "网络建议",
    "operation": "操作",
    "order": "订单",
    "orphan": "遗留资源",
    "search for orphans": "遗留资源查找",
    "person": "人员",
    "pool": "资源池",
    "proposal": "绑定建议",
    "region": "区域",
    "role grant": "角色授权",
    "security group": "安全组",
    "server": "服务器",
    "session": "会话",
    "token": "令牌",
    "volume": "卷",
    "storage tier": "存储等级",
}
STATES: dict[str, str] = {
    "accepted": "已接受",
    "active": "运行中",
    "approved": "已批准",
    "attached": "已挂载",
    "available": "可用",
    "building": "创建中",
    "cancelled": "已取消",
    "cleaning": "清除中",
    "confirmed": "已确认",
    "creating": "创建中",
    "deleted": "已删除",
    "delivered": "已交付",
    "delivering": "交付中",
    "dismissed": "已忽略",
    "expired": "已过期",
    "failed": "失败",
    "gone": "已消失",
    "held": "已预留",
    "needs_operator": "需要运维处理",
    "open": "待处理",
    "partly_delivered": "部分交付",
    "pending": "等待中",
    "pending_approval": "待审批",
    "proposed": "待接受",
    "recycled": "在回收站",
    "rejected": "已驳回",
    "refused": "已拒绝",
    "reserved": "已保留",
    "running": "执行中",
    "seen": "待确认",
    "stopped": "已关机",
    "succeeded": "成功",
    "undoing": "撤销中",
    "used": "使用中",
    "waiting": "等待中",
    "withdrawn": "已撤回",
}
VERBS: dict[str, str] = {
    "approve": "批准",
    "attach": "挂载卷",
    "console": "打开控制台",
    "delete": "删除",
    "detach": "卸载卷",
    "log": "读取日志",
    "purge": "彻底删除",
    "reboot": "重启",
    "reject": "驳回",
    "resize": "调整规格",
    "restore": "恢复",
    "start": "启动",
    "stop": "停止",
    "withdraw": "撤回",
}
ROLES: dict[str, str] = {
    "approver": "审批人",
    "department_administrator": "部门管理员",
    "audit_administrator": "审计管理员",
    "operator": "运维人员",
    "owner": "负责人",
    "security_administrator": "安全管理员",
    "system_administrator": "系统管理员",
    "user": "用户",
}
SCOPES: dict[str, str] = {
    "department": "部门",
    "project": "应用系统",
    "system": "全系统",
}
VOCABULARY = {
    "kind": KINDS,
    "state": STATES,
    "possible": STATES,
    "verb": VERBS,
    "role": ROLES,
    "held": ROLES,
    "scope": SCOPES,
    "scopes": SCOPES,
}
"""Which words a placeholder of this name is filled with."""


def spoken(placeholder: str, value: object) -> object:
    """Return a value as a text of both languages where it is a word, or a list of words, of ours."""
    words = VOCABULARY.get(placeholder)
    if words is None or not isinstance(value, str):
        return value
    return Text(value, "、".join(words.get(word, word) for word in value.split(", ")))
