"""Why a file was not taken, and what its sender can do: a code that travels, words for readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from receivables.errors import ReceivablesError
from receivables.i18n import translate as _
from receivables.uploads.kinds import LARGEST_IN_ALL_MB, LARGEST_MB, MOST_FILES

Code = Literal[
    "too_many",
    "too_large_in_all",
    "empty",
    "too_large",
    "wrong_kind",
    "not_what_it_says",
    "two_in_one",
    "broken",
    "locked",
    "active",
    "carries_files",
    "too_complex",
    "too_many_pixels",
    "markup",
    "not_text",
    "malware",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason; `name` is the file's, or "" where it is about all of them."""

    name: str
    code: Code
    #: What the reason speaks of: a number, the kind a file turned out to be.
    values: Mapping[str, str] = field(default_factory=dict)


class FilesRefused(ReceivablesError):
    """Files were handed in that we do not take; none of them was kept."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(", ".join(fault.code for fault in faults))


def words_of(fault: Fault) -> tuple[str, str]:
    """What is wrong and how to mend it, in the language being read."""
    what, how = _words(fault.code)
    figures = {
        "files": MOST_FILES, "each": LARGEST_MB, "all": LARGEST_IN_ALL_MB, **fault.values
    }  # fmt: skip
    return what % figures, how % figures


def _words(code: Code) -> tuple[str, str]:
    return (_about_size() | _about_content())[code]


def _about_size() -> dict[Code, tuple[str, str]]:
    return {
        "too_many": (
            _("These are more than %(files)s files."),
            _("Please choose the %(files)s that matter most; you can send more with a message."),
        ),
        "too_large_in_all": (
            _("Together the files are larger than %(all)s MB."),
            _("Please leave one out, or send photos in a smaller size."),
        ),
        "empty": (_("This file is empty."), _("Please choose it again, or leave it out.")),
        "too_large": (
            _("This file is larger than %(each)s MB."),
            _("Please send it in a smaller size, or only the pages that matter."),
        ),
        "too_complex": (
            _("This file takes too much to open."),
            _("Please send fewer pages, or a photo in a smaller size."),
        ),
        "too_many_pixels": (
            _("This picture has too many pixels."),
            _("Please send it in a smaller size: 40 megapixels at most."),
        ),
    }


def _about_content() -> dict[Code, tuple[str, str]]:
    return {
        "wrong_kind": (
            _("We cannot take files of this kind."),
            _("Please send a PDF, a photo (JPEG, PNG or HEIC) or plain text."),
        ),
        "not_what_it_says": (
            _("This file is not what its name says."),
            _("Please open it, save it again as PDF or JPEG, and send that."),
        ),
        "two_in_one": (
            _("Another file is hidden in this one."),
            _("Please print it to a new PDF, or take a photo of it, and send that."),
        ),
        "broken": (
            _("This file is damaged and cannot be opened."),
            _("Please save or scan it again, and send the new file."),
        ),
        "locked": (
            _("This PDF is protected by a password."),
            _("Please save it without the password, and send that."),
        ),
        "active": (
            _("This PDF contains a program."),
            _("Please print it to a new PDF, and send that."),
        ),
        "carries_files": (
            _("This PDF carries other files inside."),
            _("Please print it to a new PDF; send the other files one by one."),
        ),
        "markup": (
            _("This is a web page or a program, not plain text."),
            _("Please send it as a PDF, or copy the text into your message."),
        ),
        "not_text": (
            _("This is not plain text."),
            _("Please save it as a PDF, and send that."),
        ),
        "malware": (
            _("The virus scanner found something in this file."),
            _("Please check your device, and send a photo of the paper instead."),
        ),
    }
