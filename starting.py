"""Where the command begins: what needs no books starts without loading all that keeps them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable


def main() -> int:
    """The exit code of one command; see quittance.main."""
    # What is loaded stays: looked through for garbage while it grows, it takes a third longer.
    gc.disable()
    command = _loaded(sys.argv[1:2])
    gc.freeze()
    gc.enable()
    return command()


def _loaded(wanted: list[str]) -> Callable[[], int]:
    if wanted == ["portfolio"]:
        from monitoring.portfolio.command import main as portfolio

        return lambda: portfolio(sys.argv[1:])
    from quittance import main as command

    return command


if __name__ == "__main__":
    sys.exit(main())
