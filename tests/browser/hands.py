"""Two hands on a page: real keys and clicks, counted."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


def told(page: Page, call: str, word: str) -> None:
    """The page says that this word was written down of a call: where it stays, not for eight seconds."""
    expect(page.locator(f"[id='said-{call}'] summary")).to_contain_text(f": {word}")


@dataclass
class Hands:
    """What was pressed, clicked and typed since they were last counted; keys pressed together are one."""

    page: Page
    keys: int = 0
    clicks: int = 0
    typed: int = 0

    def press(self, key: str) -> None:
        """Press one key, or several at once."""
        self.page.keyboard.press(key)
        self.keys += 1

    def key(self, key: str) -> None:
        """The same on an agent's page, once its keys are awake."""
        expect(self.page.locator("#agent-card:not([data-resting])")).to_be_visible()
        self.press(key)

    def type(self, text: str) -> None:
        """Type words; they are counted as text and not as keys."""
        self.page.keyboard.type(text)
        self.typed += len(text)

    def click(self, what: Locator) -> None:
        """Press a button of the mouse on something; where that leads to a page, it is read to its end."""
        what.click()
        self.page.wait_for_load_state()
        self.clicks += 1

    def tab_to(self, what: Locator, *, most: int = 120) -> None:
        """Go there by Tab alone, as somebody does who has no mouse; the focus is always on something."""
        for _ in range(most):
            self.press("Tab")
            assert self.page.evaluate("document.activeElement !== document.body"), "the focus is lost"
            if what.evaluate("(each) => each === document.activeElement"):
                return
        raise AssertionError(f"Tab does not reach {what}")

    def counted(self) -> tuple[int, int, int]:
        """Keys, clicks and characters since the last count."""
        done = self.keys, self.clicks, self.typed
        self.keys = self.clicks = self.typed = 0
        return done
