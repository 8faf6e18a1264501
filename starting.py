"""Where the command begins: what needs no books starts without loading all that keeps them."""

from __future__ import annotations

import sys


def main() -> int:
    """The exit code of one command; see quittance.main."""
    if sys.argv[1:2] == ["portfolio"]:
        from monitoring.portfolio.command import main as portfolio

        return portfolio(sys.argv[1:])
    from quittance import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
