"""How finely time passes in the worlds of the tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Pace:
    """`thorough` in the long runs: then every hour and every day is lived through. Elsewhere what
    lies before the last hours goes by in larger steps, and days on which nothing can fall due at
    once; what there is to do is done as late as a worker that was away would do it.
    """

    thorough: bool = False


PACE = Pace()
