"""岗位 — who may be what at the desk; an account has one role."""

from enum import StrEnum


class Role(StrEnum):
    """The six roles; the value is what our tables hold."""

    HANDLER = "handler"
    CHECKER = "checker"
    SUPERVISOR = "supervisor"
    STEWARD = "steward"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


WORDS = {
    Role.HANDLER: "区县经办",
    Role.CHECKER: "区县复核",
    Role.SUPERVISOR: "市级督办",
    Role.STEWARD: "数据管理",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "系统管理",
}
EVERYONE = frozenset(Role)
CASES = frozenset({Role.HANDLER, Role.CHECKER, Role.SUPERVISOR})
FIGURES = CASES | {Role.STEWARD}
STEWARD = frozenset({Role.STEWARD})
SIGNERS = frozenset({Role.CHECKER, Role.SUPERVISOR})
OVERSEERS = STEWARD | {Role.SUPERVISOR}
WORKERS = frozenset({Role.HANDLER})
ASSIGNERS = SIGNERS
SUPERVISOR = frozenset({Role.SUPERVISOR})
ISSUERS = SUPERVISOR | {Role.HANDLER}
AUDITOR = frozenset({Role.AUDITOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
SECOND_FACTOR = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.SUPERVISOR})
NO_DISTRICTS = ADMINISTRATOR | AUDITOR
OVERVIEW = "/overview"
HOME = {Role.ADMINISTRATOR: "/accounts", Role.AUDITOR: "/audit"}
