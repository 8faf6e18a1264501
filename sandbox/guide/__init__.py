"""The demo's one page: what this is, who can sign in, what to click, and a clock to move on."""

from sandbox.guide.app import create_app
from sandbox.guide.page import GuideLinks

__all__ = ["GuideLinks", "create_app"]
