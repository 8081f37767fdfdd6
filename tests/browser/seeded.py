"""A small customer centre in the middle of its day, made through the services alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from databases.migrated import empty_database

from callbacks.wait_estimate import WaitWindow
from churnmodel.reasons.phrases import Reason
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_filter import ListFilter
from dialer.core.dashboard.view import EngineOnDashboard
from dialer.core.sentence import Sentence
from dialer.db.queries import promises as promise_rows
from dialer.db.session import Database
from dialer.services.agents import agents
from dialer.services.agents.agents import AgentSeen
from dialer.services.agents.dispositions import record_disposition
from dialer.services.analytics import models
from dialer.services.calls import attempts, leadership
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.campaigns import campaigns
from dialer.services.customers import customers
from dialer.services.dashboard import dashboard
from dialer.services.promises import promises
from dialer.settings import Settings
from dialer.web_settings import LoginSettings, WebSettings
from telephony.calls.events import (
    Abandoned,
    Answered,
    CallerConnected,
    CallerFinished,
    CallerJoined,
    Connected,
    Finished,
    Outcome,
)
from telephony.numbers import fictional_numbers

PBX: Final = "pbx"
# a Wednesday morning on which nobody's calling hours are in doubt
TEN_O_CLOCK: Final = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
NAMES: Final = (
    "Maria Oliveira",
    "James Whitcombe",
    "Yusuf Demir",
    "Ingrid Halvorsen",
    "Tom Achebe",
    "Lucía Fernández",
    "Priya Raman",
    "Owen Gallagher",
    "Sofia Novak",
    "Henrik Dahl",
    "Aisha Bello",
    "Marco Conti",
    "Zoë Laurent",
    "Daniel Osei",
    "Hanna Virtanen",
    "Kofi Mensah",
    "Elise Moreau",
    "Ravi Shah",
    "Nora Quinn",
    "Pavel Horák",
)
REASONS: Final = (
    (Reason(column="days_to_contract_end", value=12), Reason(column="support_calls_30d", value=3)),
    (Reason(column="monthly_charge", value=89.5), Reason(column="usage_trend", value=-18)),
    (Reason(column="contract", value="month-to-month"), Reason(column="payment_method", value="check")),
    (Reason(column="outages_90d", value=2),),
    (Reason(column="price_plan", value="no longer sold"), Reason(column="add_ons", value=0)),
)
AGENTS: Final = (
    ("amira", "Amira Kahn"),
    ("ben", "Ben Okafor"),
    ("chloe", "Chloe Marsh"),
    ("dev", "Dev Patel"),
    ("elena", "Elena Rossi"),
    ("finn", "Finn O'Neill"),
    ("grace", "Grace Lindqvist"),
    ("hugo", "Hugo Martin"),
)
SCRIPT: Final = (
    "Good morning, this is … from Northlight. You have been with us for a long time, and I would like "
    "to make sure that your plan still fits.\n\nAsk what changed. Listen first, offer second."
)
OFFER: Final = "Two months at half price on a new 12-month contract."


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that nobody opens here."""

    folder: Path = Path("model")
    sha256: str = "0" * 64


def web_settings() -> Settings:
    """Pages on a free loopback port."""
    return Settings(web=WebSettings(port=0, login=LoginSettings(mode="off")))


@dataclass(frozen=True, slots=True)
class Morning:
    """A seeded centre as it was made: its database file, and the names of what is in it."""

    file: bytes
    numbers: tuple[str, ...]
    campaign: str
    leader: leadership.Leadership

    @classmethod
    @cache
    def of(cls, people: int, now: datetime) -> "Morning":
        """Made once a process; every test of these people begins with a copy."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "morning.db"
            path.write_bytes(empty_database())
            database = Database(f"sqlite:///{path}")
            numbers = tuple(number.e164 for number in fictional_numbers(people + 20))
            store_people(database, numbers[:people], now)
            campaign = start_campaign(database, now)
            leader = leadership.acquire_lease(database, PBX, "engine-1", ttl_s=86_400)
            assert leader is not None
            database.close()  # the last one to leave a file puts its write-ahead log into it
            return cls(file=path.read_bytes(), numbers=numbers, campaign=campaign, leader=leader)


class Seeded:
    """The database, its clock, and what a test can let happen next."""

    def __init__(self, path: Path, *, people: int = 60, now: datetime = TEN_O_CLOCK) -> None:
        morning = Morning.of(people, now)
        path.write_bytes(morning.file)
        self.database = Database(f"sqlite:///{path}")
        self.now = now
        self._agents = {
            name: AgentSeen(
                id=name,
                name=full,
                interface=f"Local/{name}@winback-agents/n",
                state=AgentState.READY,
                reason="",
                since=now,
            )
            for name, full in AGENTS
        }
        self._numbers = morning.numbers
        self.campaign = morning.campaign
        self._leader = morning.leader
        self.show()

    def dial_ahead(self) -> None:
        """Start a campaign that rings customers before agents are free."""
        ahead = campaigns.create_campaign(
            self.database,
            campaigns.CampaignDraft(
                name="Ahead",
                queue="outbound",
                trunk="main",
                mode="predictive",
                filters=ListFilter(min_risk=0.99),
            ),
            self.now,
        )
        campaigns.move_campaign(self.database, ahead.id, CampaignEvent.START, self.now, "test")

    def clock(self) -> datetime:
        """The database's clock; it stands still unless told."""
        return self.now

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    # The floor ---------------------------------------------------------------------------------------

    def agent(
        self,
        name: str,
        state: AgentState,
        *,
        attempt: str | None = None,
        reason: str = "",
        missed: int = 0,
        until: datetime | None = None,
        caller: str | None = None,
    ) -> None:
        """The engine sees an agent do something."""
        before = self._agents[name]
        self._agents[name] = AgentSeen(
            id=name,
            name=before.name,
            interface=before.interface,
            state=state,
            reason=reason,
            since=self.now,
            attempt=attempt,
            caller=caller,
            missed=missed,
            until=until,
        )
        self.show()

    def show(self, **body: object) -> None:
        """The engine writes its agents and its view."""
        agents.save_agents(self.database, PBX, tuple(self._agents.values()), self.now)
        talking = sum(agent.state is AgentState.TALKING for agent in self._agents.values())
        on_the_way = len(attempts.open_attempts(self.database, PBX)) - talking
        said: dict[str, object] = {
            "engine": "engine-1",
            "link": "ready",
            "ready": True,
            "calls_on_the_way": max(0, on_the_way),
            "callers_waiting": 0,
            "sentence": Sentence(
                "%(free)s free, %(ringing)s ringing: %(placed)s more.", free=3, ringing=2, placed=1
            ),
            "utilisation": talking / len(self._agents),
        }
        engine = EngineOnDashboard.model_validate(said | body)
        dashboard.save_dashboard(self.database, PBX, engine, self.now)

    # Calls -------------------------------------------------------------------------------------------

    def ring(self, *, promise: bool = False, agent: str | None = None) -> str:
        """Ring the next due promise or lead; gives the attempt."""
        due, leads = attempts.next_work(self.database, self.now, limit=20)
        order = attempts.open_attempt(
            self.database, self._leader, due[0] if promise else leads[0], agent, self.now
        )
        assert isinstance(order, attempts.AttemptOrder), order
        permit = attempts.consume_attempt(self.database, order.attempt, self.now)
        assert isinstance(permit, attempts.DialPermit), permit
        return order.attempt

    def answer(self, attempt: str) -> None:
        attempts.record_fact(self.database, Answered(at=self.now, attempt=attempt), self.now)

    def connect(self, attempt: str, agent: str) -> None:
        """The customer answers and is put through to the agent."""
        self.answer(attempt)
        fact = Connected(at=self.now, attempt=attempt, agent=agent, waited_s=0.4)
        attempts.record_fact(self.database, fact, self.now)
        self.agent(agent, AgentState.TALKING, attempt=attempt)

    def hang_up(self, attempt: str, agent: str, *, talk_s: float = 90.0) -> None:
        """The talk is over; the agent writes down what came of it."""
        fact = Finished(at=self.now, attempt=attempt, outcome=Outcome.CONNECTED, talk_s=talk_s, agent=agent)
        attempts.record_fact(self.database, fact, self.now)
        self.agent(agent, AgentState.WRAPPING_UP, attempt=attempt)

    def say(self, attempt: str, agent: str, word: Disposition) -> None:
        record_disposition(self.database, agent, attempt, word, "", None, self.now)
        self.agent(agent, AgentState.READY, attempt=attempt)

    def live_caller(self, caller: str, agent: str, *, shown: str = "+441632960777") -> None:
        """Somebody rang in, talked with the agent, and has hung up."""
        for fact in (
            CallerJoined(at=self.now, caller=caller, queue="support", number=shown, position=1),
            CallerConnected(at=self.now, caller=caller, queue="support", agent=agent),
            CallerFinished(at=self.now, caller=caller, agent=agent, talk_s=60.0),
        ):
            record_caller(self.database, PBX, "GB", fact, self.now)
        self.agent(agent, AgentState.WRAPPING_UP, caller=caller)

    def miss(self, attempt: str, outcome: Outcome = Outcome.NO_ANSWER) -> None:
        attempts.record_fact(self.database, Finished(at=self.now, attempt=attempt, outcome=outcome), self.now)

    def abandon(self, attempt: str) -> None:
        self.answer(attempt)
        attempts.record_fact(self.database, Abandoned(at=self.now, attempt=attempt, waited_s=2.0), self.now)
        self.miss(attempt, Outcome.ABANDONED)

    def promise(
        self, number: int, *, joined_s_ago: float = 0.0, call: str | None = None
    ) -> promises.MadePromise:
        """A caller who waits asks to be called back."""
        made = promises.make_promise(
            self.database,
            promises.PromiseRequest(
                e164=self._numbers[-1 - number],
                queue="support",
                source_call=call or f"caller-{number}",
                virtual_join=self.now - timedelta(seconds=joined_s_ago),
                window=WaitWindow(from_min=5, to_min=15),
            ),
            self.now,
        )
        assert isinstance(made, promises.MadePromise), made
        return made

    def break_promises(self) -> None:
        """What must never be: of three promises the last joiner is rung first, and then one has no future."""
        for place, joined_s_ago in enumerate((300, 200, 100)):
            self.promise(place, joined_s_ago=joined_s_ago)
        self.later(60)
        last = attempts.next_work(self.database, self.now, limit=20)[0][-1]
        order = attempts.open_attempt(self.database, self._leader, last, None, self.now)
        assert isinstance(order, attempts.AttemptOrder), order
        with self.database.write() as tx:
            first = promise_rows.open_ones(tx, 1)[0]
            first.next_action_at = None


def start_campaign(database: Database, now: datetime) -> str:
    """A running campaign for whoever is likely to leave; gives its id."""
    draft = campaigns.CampaignDraft(
        name="Spring save",
        queue="outbound",
        trunk="main",
        script=SCRIPT,
        offer=OFFER,
        filters=ListFilter(min_risk=0.1),
        holdout_share=0.2,
        explore_share=0.0,
    )
    campaign = campaigns.create_campaign(database, draft, now).id
    campaigns.move_campaign(database, campaign, CampaignEvent.START, now, "test")
    return campaign


def store_people(database: Database, numbers: tuple[str, ...], now: datetime) -> None:
    """A scored customer a number."""
    rows = [
        customers.CustomerRow(
            external_id=f"C-{1000 + index}",
            name=NAMES[index % len(NAMES)],
            zone="Europe/London",
            numbers=(number,),
            attributes={
                "Contract": "Month-to-month" if index % 3 else "One year",
                "tenure": str(3 + index),
            },
        )
        for index, number in enumerate(numbers)
    ]
    customers.store_customers(database, rows, now)
    model = models.save_model(database, ModelFile(), {"roc_auc": 0.85}, "logistic", now)
    models.save_scores(
        database,
        model,
        [
            models.ScoreRow(
                customer=row["customer_id"],
                risk=max(0.05, 0.93 - 0.014 * index),
                value=320.0 - 2.0 * index,
                expected_gain=61.2 - 0.9 * index,
                reasons=REASONS[index % len(REASONS)],
            )
            for index, row in enumerate(customers.customer_frame_rows(database))
        ],
        now,
    )


def busy_morning(seeded: Seeded) -> None:
    """A day so far: calls of every end, promises kept and open, and agents in every state."""
    words = (Disposition.SAVED, Disposition.OFFER_MADE, Disposition.LOST, Disposition.SAVED)
    for number in range(6):
        seeded.promise(number, joined_s_ago=240)
    people = [name for name, _ in AGENTS]
    for turn in range(24):
        agent = people[turn % len(people)]
        attempt = seeded.ring(promise=turn % 6 == 5, agent=agent)
        seeded.later(9)
        if turn % 3 == 1:
            seeded.miss(attempt)
        elif turn == 12:
            seeded.abandon(attempt)
        else:
            seeded.connect(attempt, agent)
            seeded.later(75)
            seeded.hang_up(attempt, agent)
            seeded.later(12)
            seeded.say(attempt, agent, words[turn % len(words)])
    for number in range(6, 9):
        seeded.promise(number, joined_s_ago=600 - 60 * number)
    for agent, seconds in (("amira", 48), ("ben", 33), ("finn", 21)):
        seeded.connect(seeded.ring(), agent)
        seeded.later(seconds)
    last = seeded.ring()
    seeded.connect(last, "elena")
    seeded.later(60)
    seeded.hang_up(last, "elena")
    seeded.agent("grace", AgentState.PAUSED, reason="lunch")
    seeded.agent("hugo", AgentState.RESERVED)
    seeded.ring(promise=True, agent="hugo")
    seeded.ring()
    seeded.ring()
    seeded.later(7)
    seeded.agent("chloe", AgentState.RINGING)
    seeded.show(sentence=Sentence("%(ringing)s ringing for %(free)s free agents.", ringing=2, free=2))
