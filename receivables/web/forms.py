"""Forms as browsers send them: text, some of it repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

#: A form's fields; one that stands several times is a list.
FormBody = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]

#: Longer than anything a person types into one field of ours.
LONGEST_FIELD = 4000


def field(data: Mapping[str, Any], name: str) -> str:
    """One field as text, "" when it is missing; the last when it stands several times."""
    value = data.get(name, "")
    if isinstance(value, list):
        value = value[-1] if value else ""
    return _plain(value)


def _plain(value: object) -> str:
    """What a database takes: no NUL, which PostgreSQL refuses, and not without end."""
    return str(value)[:LONGEST_FIELD].replace("\0", "").strip()


def fields(data: Mapping[str, Any], name: str) -> list[str]:
    """All values of a repeated field."""
    value = data.get(name, [])
    values = value if isinstance(value, list) else [value]
    return [_plain(one) for one in values if one]


#: A form with files.
UploadBody = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]


def uploads(data: Mapping[str, Any], name: str) -> list[UploadFile]:
    """The files of one field; an empty one that a browser sends for no choice is left out."""
    value = data.get(name, [])
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, UploadFile) and one.filename]
