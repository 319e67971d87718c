"""Problems of this room."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class PastDate(Problem):
    """The day is over."""

    status = 422
    detail = Text("{day} is not in the future.", "{day} 不是将来的日期。")
    hint = Text("Give a later day, or leave it out.", "请填写更晚的日期，或留空。")


class OrderNotPending(Problem):
    """Only an undecided order can be withdrawn."""

    status = 409
    detail = Text(
        "Order {number} is {state}; only an undecided one can be withdrawn.",
        "订单 {number} 的状态为 {state}，仅未审批的订单可以撤回。",
    )
    hint = Text("To give up what was delivered, delete the server.", "如需放弃已交付的资源，请删除服务器。")


class OrderNotReturned(Problem):
    """Only an order that was returned is handed in again."""

    status = 409
    detail = Text("Order {number} is {state}, not returned to you.", "订单 {number} 的状态为 {state}，未被退回。")
    hint = Text("Wait for the decision, or order anew.", "请等待审批，或重新申请。")


class NotTheApplicant(Problem):
    """Only who ordered may withdraw an order or hand it in again."""

    status = 403
    detail = Text("Only the applicant may do this with order {number}.", "仅申请人可以对订单 {number} 执行此操作。")
    hint = Text("Ask the applicant, or reject the order.", "请联系申请人，或驳回该订单。")


class ImageDoesNotFit(Problem):
    """The flavor is too small for the image."""

    status = 422
    detail = Text(
        "Image {image} needs a disk of {disk} GiB and {memory} MiB of memory; flavor {flavor} has less.",
        "镜像 {image} 需要 {disk} GiB 磁盘和 {memory} MiB 内存，规格 {flavor} 不足。",
    )
    hint = Text("Choose a larger flavor.", "请选择更大的规格。")


class LeaseNotLonger(Problem):
    """The server or volume is leased until then already, or without end."""

    status = 409
    detail = Text("{name} is leased as long already.", "{name} 的租期已不短于此。")
    hint = Text("Name a later last day, or none for a lease without end.", "请填写更晚的截止日期；不填表示无期限。")


class NotAsked(Problem):
    """Only who has to decide on an order at this moment may change what is in it."""

    status = 403
    detail = Text(
        "Only who is asked to decide on order {number} now may do this with it.",
        "仅当前负责审批订单 {number} 的人员可以执行此操作。",
    )
    hint = Text("See `GET /v1/todos` for what waits for you.", "您的待办见 `GET /v1/todos`。")


class FieldNotEditable(Problem):
    """The policy does not leave this field to the approvers of the present stage."""

    status = 403
    detail = Text(
        "The policy does not let you change {name} of order {number}; what you may change: {may}.",
        "审批策略不允许您修改订单 {number} 的 {name}；可修改的字段：{may}。",
    )
    hint = Text("Return the order, and say what should be otherwise.", "请退回订单并说明需要修改的内容。")


class NothingToStrike(Problem):
    """There is no such item any more, or nothing would be left."""

    status = 409
    detail = Text(
        "Order {number} would have no item left, or has none there.", "订单 {number} 无此订单项，或将不再有订单项。"
    )
    hint = Text(
        "Look at the order again; reject it where nothing of it shall be.", "请重新查看订单；如全部不同意，请驳回。"
    )
