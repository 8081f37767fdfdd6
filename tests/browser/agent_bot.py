"""A bot that works an agent's day in a browser with every slip a hand can make, and counts what went wrong.

A day is a list of calls, ours and live callers'. Notes are typed while the page is reloaded, looked at in a
second tab, pressed twice and cut off the network; wrap-ups run out under half a note. At the end the
database has to hold every note and every word that was meant, and each card has to have shown who was on the
line. By a seed, so that a bad day can be had again.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from playwright.sync_api import Locator, Page, expect

from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.core.organisation.house_words import USUAL_WORDS, label_of
from dialer.db.queries import arrivals, attempts, customers, dispositions
from dialer.services.calls.inbound_calls import record_caller
from telephony.calls.events import CallerConnected, CallerFinished, CallerJoined
from tests.browser.seeded import PBX, Seeded

AGENT: Final = "amira"
FIRST_PAGE_S: Final = 120  # on a busy machine: an application works out its routes when it is first asked
#: the words that a slip may press, by their keys: none of them shuts anybody out
WORDS: Final = {
    "1": Disposition.SAVED,
    "2": Disposition.OFFER_MADE,
    "3": Disposition.LOST,
    "5": Disposition.SERVED,
}
SYLLABLES: Final = (
    "moves",
    "26 kr off",
    "hi there",
    "2 kids",
    "6677",
    "z end",
    "w4 p e",
    "price?",
    "øre åtte",
)


@dataclass(slots=True)
class WorkedCall:
    """One call of the day: what was typed of it, and which word was meant."""

    key: str
    rang_in: bool
    who: str
    note: str
    word: Disposition | None = None


@dataclass(slots=True)
class AgentDay:
    """One day of one agent; `wrong_cards` is counted while it goes on."""

    seeded: Seeded
    page: Page
    seed: int
    calls: list[WorkedCall] = field(default_factory=list)
    wrong_cards: list[str] = field(default_factory=list)

    def work(self, count: int) -> None:
        """So many calls, and at the end every word that is still due."""
        rng = Random(self.seed)  # noqa: S311 - slips, not secrets
        self.page.goto(f"/agents/{AGENT}", timeout=FIRST_PAGE_S * 1000)
        for number in range(count):
            call = self._begin(rng, number)
            self.calls.append(call)
            self._see(call)
            self._type(rng, call)
            self._hang_up(call)
            if rng.random() < 0.3 and number + 1 < count:
                self.seeded.agent(AGENT, AgentState.READY)  # the wrap-up ran out over an unfinished word
                expect(self._due(call)).to_be_visible()
            else:
                self._say(rng, call)
            self.seeded.later(rng.randint(20, 300))
        self.seeded.agent(AGENT, AgentState.READY)
        for call in self.calls:
            if call.word is None:
                self._say_late(rng, call)

    def faults(self) -> dict[str, list[str]]:
        """What the database holds otherwise than was meant."""
        lost, wrong = [], []
        for call in self.calls:
            word, note = self._written(call)
            if note != call.note:
                lost.append(f"{call.key}: {call.note!r} is {note!r}")
            if word is not call.word:
                wrong.append(f"{call.key}: {call.word} is {word}")
        return {"lost notes": lost, "wrong words": wrong, "wrong cards": self.wrong_cards}

    def _begin(self, rng: Random, number: int) -> WorkedCall:
        note = f"{number}: " + " ".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 5)))
        if rng.random() < 0.6:
            attempt = self.seeded.ring()
            self.seeded.connect(attempt, AGENT)
            with self.seeded.database.read() as tx:
                row = attempts.find_attempt(tx, attempt)
                owner = customers.find(tx, row.customer_id) if row is not None else None
            assert owner is not None
            return WorkedCall(key=attempt, rang_in=False, who=owner.name, note=note)
        caller = f"1700000000.{self.seed % 1000}{number}"
        now = self.seeded.now
        for fact in (
            CallerJoined(at=now, caller=caller, queue="support", number="+441632960777", position=1),
            CallerConnected(at=now, caller=caller, queue="support", agent=AGENT),
        ):
            record_caller(self.seeded.database, PBX, "GB", fact, now)
        self.seeded.agent(AGENT, AgentState.TALKING, caller=caller)
        return WorkedCall(key=caller, rang_in=True, who="Unknown caller", note=note)

    def _see(self, call: WorkedCall) -> None:
        """The card is of this call; the page may take a moment, and never shows another person meanwhile."""
        form = self.page.locator(f"form.words:has(#note) input[name=attempt][value='{call.key}']")
        expect(form).to_be_attached()
        shown = self.page.locator(".who").inner_text()
        if shown != call.who:
            self.wrong_cards.append(f"{call.key}: {call.who} is {shown}")

    def _type(self, rng: Random, call: WorkedCall) -> None:
        cut = rng.randint(0, len(call.note))
        note = self.page.locator("#note")
        note.focus()
        self.page.keyboard.type(call.note[:cut])
        slip = rng.choice(("none", "reload", "tab", "cut", "stray"))
        if slip == "reload":
            self.page.reload()
        elif slip == "tab":
            other = self.page.context.new_page()
            other.goto(f"/agents/{AGENT}")
            expect(other.locator("#note")).to_be_attached()
            other.close()
        elif slip == "cut":
            self.page.context.set_offline(offline=True)
        elif slip == "stray":
            note.press("Escape")
            self.page.keyboard.type("26 off he said")  # at no field: decides nothing
        expect(note).to_have_value(call.note[:cut])
        note.focus()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(call.note[cut:])
        expect(note).to_have_value(call.note)
        if slip == "cut":
            self.page.context.set_offline(offline=False)
        note.press("Escape")

    def _hang_up(self, call: WorkedCall) -> None:
        if call.rang_in:
            fact = CallerFinished(at=self.seeded.now, caller=call.key, agent=AGENT, talk_s=60.0)
            record_caller(self.seeded.database, PBX, "GB", fact, self.seeded.now)
            self.seeded.agent(AGENT, AgentState.WRAPPING_UP, caller=call.key)
        else:
            self.seeded.hang_up(call.key, AGENT)
        expect(self.page.locator(".head .pill")).to_contain_text("wrapping up")

    def _say(self, rng: Random, call: WorkedCall) -> None:
        key = rng.choice(tuple(WORDS))
        word = WORDS[key]
        button = self.page.locator(f".agent-card button[value={word}]")
        match rng.choice(("key", "click", "double", "cut", "undo")):
            case "key":
                self._awake()
                self.page.keyboard.press(key)
            case "double":
                button.dblclick()
            case "cut":
                self.page.context.set_offline(offline=True)
                button.click()
                expect(self.page.locator("#unsent")).to_contain_text("cannot be reached")
                self.page.context.set_offline(offline=False)
                button.click()
            case "undo":
                self.page.locator(".agent-card button[value=lost]").click()
                self._told(call, Disposition.LOST)
                undo = self.page.locator(".banner.good button")
                if not undo.count():  # on a busy machine the strip may be over before it is looked for
                    call.word = Disposition.LOST
                    return
                undo.click()
                expect(self.page.locator("#note")).to_have_value(call.note)
                button.click()
            case _:
                button.click()
        self._told(call, word)
        call.word = word

    def _say_late(self, rng: Random, call: WorkedCall) -> None:
        word = rng.choice(tuple(WORDS.values()))
        due = self._due(call)
        if due.get_attribute("open") is None:
            due.locator("summary").click()
        expect(due.locator("textarea")).to_have_value(call.note)
        due.locator(f"button[value={word}]").click()
        expect(due).to_have_count(0)
        call.word = word

    def _due(self, call: WorkedCall) -> Locator:
        return self.page.locator(f"details[id='due-{call.key}']")

    def _awake(self) -> None:
        expect(self.page.locator("#agent-card:not([data-resting])")).to_be_visible()

    def _told(self, call: WorkedCall, word: Disposition) -> None:
        said = self.page.locator(f"[id='said-{call.key}'] summary")
        expect(said).to_contain_text(label_of(USUAL_WORDS, word))

    def _written(self, call: WorkedCall) -> tuple[Disposition | None, str]:
        with self.seeded.database.read() as tx:
            if call.rang_in:
                row = arrivals.find_call(tx, PBX, call.key)
                return (row.disposition, row.note) if row is not None else (None, "")
            said = dispositions.find(tx, call.key)
            return (said.disposition, said.note) if said is not None else (None, "")
