"""Somebody who has a keyboard and no mouse."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.support.stage import Person

#: Whether what has the focus is there to be seen, and shows that it has it.
_IS_SHOWN = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const ring = [at, at.closest("label")].some((one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  });
  return at.matches(":focus-visible") && ring
    && box.width > 0 && box.top >= 0 && box.bottom <= innerHeight;
}"""
_HAS_FOCUS = "(one) => one === document.activeElement"


class Keys:
    """A keyboard, and nothing else, on one page after another."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page

    def reach(self, wanted: Locator, *, back: bool = False) -> None:
        """Tab until something has the focus and shows it."""
        for _ in range(80):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if wanted.evaluate(_HAS_FOCUS):
                assert self.page.evaluate(_IS_SHOWN), f"the focus does not show on {wanted}"
                return
        raise AssertionError(f"never came to {wanted}")

    def enter(self, wanted: Locator, *, back: bool = False) -> None:
        """Go to what leads to another page, and be there."""
        self.reach(wanted, back=back)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, words: str, *, back: bool = False) -> None:
        self.enter(self.person.control(words, words), back=back)

    def write(self, field: Locator, text: str) -> None:
        """Go to a field and put this in the place of what stands there."""
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, value: str) -> None:
        """Go to a list of choices and move in it until this is chosen."""
        self.reach(field)
        self.page.keyboard.press("Home")
        for _ in range(20):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{field} offers no {value}")
