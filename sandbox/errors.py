"""The ways in which a request is refused, with Alipay's codes and sub codes."""


class GatewayError(Exception):
    """A refusal: nothing was executed."""

    def __init__(self, code: str, msg: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(f"{code} {sub_code}: {sub_msg}")
        self.code = code
        self.msg = msg
        self.sub_code = sub_code
        self.sub_msg = sub_msg

    def body(self) -> dict[str, str]:
        """Return the refusal as the content of an answer."""
        return {
            "code": self.code,
            "msg": self.msg,
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        }


def unavailable() -> GatewayError:
    """20000: nobody knows whether it was executed; ask again."""
    return GatewayError("20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙")


def missing(name: str) -> GatewayError:
    """40001: a common parameter is missing, such as `signature` or `app-id`."""
    return GatewayError(
        "40001", "Missing Required Arguments", f"isv.missing-{name}", f"缺少 {name}"
    )


def invalid(name: str, why: str) -> GatewayError:
    """40002: a common parameter is wrong, such as `signature` or `timestamp`."""
    return GatewayError("40002", "Invalid Arguments", f"isv.invalid-{name}", why)


def refused(sub_code: str, why: str) -> GatewayError:
    """40004: the business says no."""
    return GatewayError("40004", "Business Failed", sub_code, why)
