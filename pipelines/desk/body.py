"""正文 — the form of a request, read up to a bound and not a byte further."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.types import Message

from pipelines.desk.route import FORM_BYTES
from pipelines.desk.visit import Refused

FIELDS, BESIDE_FILES, FILES = 2000, 20, 20
TOO_LARGE = Refused(413, "提交的内容过大")


class Body:
    """The body of one request, of which at most ``most`` bytes are read."""

    def __init__(self, request: Request, most: int) -> None:
        self._request = Request(request.scope, self._receive)
        self._source = request.receive
        self._left = most

    async def form(self) -> FormData:
        """The fields and files that were sent; ``Refused`` where they are more than may be.

        Files are laid on disk as they come; a field is held in memory, and is therefore never as large as a
        file may be, nor are there many beside files.
        """
        fields = FIELDS if self._left <= FORM_BYTES else BESIDE_FILES
        part = min(self._left, FORM_BYTES)
        return await self._request.form(max_files=FILES, max_fields=fields, max_part_size=part)

    async def _receive(self) -> Message:
        message = await self._source()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TOO_LARGE
        return message
