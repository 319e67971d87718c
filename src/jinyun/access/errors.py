"""What can go wrong with signing in, and with what one signed in by."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class WrongCredentials(Problem):
    """Login and password do not belong together; which of them is wrong stays untold."""

    status = 401
    detail = Text("Login or password is wrong.", "用户名或密码错误。")
    hint = Text("Try again, or ask a security administrator.", "请重试，或联系安全管理员。")


class NotSignedIn(Problem):
    """No session and no token, or one that is unknown, expired or ended."""

    status = 401
    detail = Text("You are not signed in, or your session has ended.", "您尚未登录，或会话已结束。")
    hint = Text("Sign in again (`jinyun login`).", "请重新登录（`jinyun login`）。")


class TooManyAttempts(Problem):
    """Too many sign-ins failed, of this login or from this address; says nothing of whether the login exists."""

    status = 429
    detail = Text("Too many failed sign-ins; wait {seconds} seconds.", "登录失败次数过多，请等待 {seconds} 秒。")
    hint = Text(
        "Wait as long as it says, or ask a security administrator to unlock the login.",
        "请按提示时间等待，或请安全管理员解锁该用户名。",
    )

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.retry_after = seconds


class DirectoryAway(Problem):
    """The company directory cannot say whether a password is right; nothing was decided."""

    status = 503
    detail = Text(
        "The company directory does not answer, so that nobody can sign in with its passwords.",
        "公司目录没有响应，暂时无法使用目录密码登录。",
    )
    hint = Text("Try again in a few minutes, or tell the operators.", "请几分钟后重试，或告知运维人员。")


class ForeignRequest(Problem):
    """A request that changes something came with a cookie but not from our own pages."""

    status = 403
    detail = Text("This request did not come from Jinyun's own pages.", "该请求并非来自金云自身的页面。")
    hint = Text(
        "Send the Origin of the public address and the X-CSRF-Token of the session.",
        "请携带公开地址的 Origin 与会话的 X-CSRF-Token。",
    )


class SessionNeeded(Problem):
    """A token may not do what only a person in a session may: make ways in."""

    status = 403
    detail = Text(
        "A token cannot do this; it takes a person who signed in.", "令牌不能执行此操作，需要由人员登录后进行。"
    )
    hint = Text("Sign in (`jinyun login`) and do it yourself.", "请登录（`jinyun login`）后自行操作。")


class NotAProgram(Problem):
    """The account of a program is wanted, and this is none, or none that he may know of."""

    status = 404
    detail = Text("{login} is no service account.", "{login} 不是服务账号。")
    hint = Text("See `GET /v1/service-accounts`.", "见 `GET /v1/service-accounts`。")


class PasswordChangeNeeded(Problem):
    """The password was chosen by somebody else: its owner chooses another one before anything else."""

    status = 403
    detail = Text(
        "Your password was given to you; choose one of your own first.", "您的密码由他人设定，请先自行修改密码。"
    )
    hint = Text("Change it: `jinyun password`.", "请修改密码：`jinyun password`。")


class NoLocalAccount(Problem):
    """The password is not kept here, so that it cannot be changed here."""

    status = 409
    detail = Text("Your password is kept by the company directory.", "您的密码由公司目录管理。")
    hint = Text("Change it there.", "请在公司目录中修改。")


class SignOnNotOffered(Problem):
    """This installation has no single sign-on."""

    status = 404
    detail = Text("This installation has no single sign-on.", "本系统未配置单点登录。")
    hint = Text("Sign in with login and password.", "请使用用户名和密码登录。")


class SignOnAway(Problem):
    """The provider of single sign-on does not answer, or not as it should."""

    status = 503
    detail = Text("Single sign-on does not answer.", "单点登录服务没有响应。")
    hint = Text("Try again in a few minutes, or tell the operators.", "请几分钟后重试，或告知运维人员。")


class SignOnRefused(Problem):
    """The answer of single sign-on does not let anybody in; the log of the API node says why."""

    status = 403
    detail = Text("Single sign-on did not let you in: {reason}.", "单点登录未通过：{reason}。")
    hint = Text("Begin again; if it happens again, tell the operators.", "请重新开始；如再次出现，请告知运维人员。")
