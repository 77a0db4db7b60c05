"""地址 — what one address of the desk is: its methods, who may ask, and what a district has to do with it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.responses import Response

from matchers.lifecycle import Stage
from pipelines.desk.roles import Role
from pipelines.desk.visit import Visit

Handler = Callable[[Visit], Response]
FORM_BYTES = 256 * 1024


class Scope(StrEnum):
    """What a district has to do with an address."""

    NONE = "none"  # the page is the same for every district, or has its own figures only
    CASE = "case"  # ``{candidate_id}`` in the address: another district's case is 404
    CITY = "city"  # what is decided holds for every district: 403 but for accounts of the whole city


@dataclass(frozen=True, slots=True)
class Route:
    """One address. ``roles``: who may ask, None for everybody, also without a session.

    ``stages``: how far the sign-in may have come. ``menu``: its word in the menu, if it is there.
    ``page``: the page on which its form stands, if what is typed there is to outlast a session.
    ``bytes``: how much may be sent to it. ``dear``: what is sent makes it hash passwords
    or ask another server, or write a workbook.
    """

    path: str
    methods: tuple[str, ...]
    handler: Handler
    roles: frozenset[Role] | None
    scope: Scope = Scope.NONE
    stages: frozenset[Stage] = frozenset({Stage.OPEN})
    menu: str = ""
    page: str = ""
    bytes: int = FORM_BYTES
    dear: bool = False
