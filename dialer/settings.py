"""Every setting Winback reads, in one tree, from `WINBACK_…` variables or a TOML file.

Nested names use two underscores: `WINBACK_PBX__HOST=10.1.2.3`. The file is `winback.toml` in the
working directory, or the one `WINBACK_CONFIG` names. Variables win over the file. Reading settings
has no side effects.
"""

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from phonenumbers import SUPPORTED_REGIONS
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from dialer.import_settings import ImportSettings
from dialer.messaging_settings import (
    MailSettings,
    PublicSettings,
    SurveySettings,
    TextSettings,
    WebhookSettings,
)
from dialer.model_settings import HoldoutSettings, ModelSettings
from dialer.pbx_settings import (
    AgentSettings,
    AgiSettings,
    PbxSettings,
    QueueSettings,
    SoundSettings,
    Table,
    TeamSettings,
    TrunkSettings,
    WhisperSettings,
)
from dialer.retention_settings import RetentionSettings
from dialer.schedule_settings import FORMER_SCHEDULE, ScheduleSettings
from dialer.setting_names import (
    BETWEEN,
    PREFIX,
    breaks_lines,
    misnamed_variables,
    unknown,
    where_it_belongs,
)
from dialer.web_settings import WebSettings
from telephony.numbers import NumberKind


class SettingError(Exception):
    """A setting's value does not work here; the message names it and how to change it."""

    def __init__(self, setting: str, why: str) -> None:
        variable = "WINBACK_" + setting.upper().replace(".", "__")
        super().__init__(f"{setting}: {why}. Set {variable}, or `{setting}` in winback.toml.")


class SettingMissing(SettingError):
    """A setting that this command needs has no value."""


class SettingsUnusable(SettingError):
    """What was set cannot be used; the message says all of it."""

    def __init__(self, sentence: str) -> None:
        Exception.__init__(self, sentence)


#: it stands in AMI headers, on pages and in reports
PAUSE_REASON: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 '-]{0,39}", re.ASCII)
E164_SHAPE: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
#: what the centre itself pauses agents for; `core.floor` says when
OWN_PAUSES: Final = frozenset({"reserved", "wrapping_up", "did_not_answer", "did_not_start"})


def _as_country(code: str) -> str:
    code = code.strip().upper()
    if code not in SUPPORTED_REGIONS:
        raise ValueError(f"{code!r} is no country: write its ISO code, e.g. GB or NO")
    return code


Country = Annotated[str, AfterValidator(_as_country)]


class CallingSettings(Table):
    """When and how often a person may be called."""

    default_region: Country = Field("GB", description="country of numbers written without a country code")
    rulebook: Literal["strict", "country"] = Field(
        "strict", description="strict: the product's own table and the country's law; country: the law alone"
    )
    attempts_per_day: int = Field(
        3, ge=1, description="attempts to one number in 24 hours, all reasons together"
    )
    attempts_per_30_days: int = Field(12, ge=1, description="attempts to one number in 30 days")
    rings_per_day: int = Field(
        6, ge=1, description="rings at one number in 24 hours, requested callbacks included"
    )
    spacing_s: int = Field(4 * 3600, ge=0, description="least time between two campaign attempts, seconds")
    ring_s: int = Field(30, ge=15, description="how long a customer's phone rings, seconds")
    never_ring: list[NumberKind] = Field(
        default_factory=list,
        description="kinds of line that campaigns leave out beside those nobody rings: fixed, mobile, "
        "fixed_or_mobile, voip, company; a callback that was asked for is made all the same",
    )
    random_hours: float = Field(
        0.05, ge=0, le=0.5, description="share of leads rung at an hour drawn by chance, to learn from"
    )


DAY_HOUR: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
#: the widest hours at which somebody may be rung who asked for it a while ago: no law read allows more for
#: any kind of call, and most allow less
EARLIEST: Final = "07:00"
LATEST: Final = "22:00"


class CallbackSettings(Table):
    """When a callback is offered, and how promises are kept."""

    short_wait_s: float = Field(
        60.0, ge=0, description="a caller with less to wait is asked whether to stay on the line, seconds"
    )
    tell_from_s: int = Field(
        300,
        ge=0,
        description="callers hear a wait that may be so long, and the key, on their way in; 0: none, seconds",
    )
    call_s: float = Field(
        240.0,
        gt=0,
        description="agent time of a caller with wrap-up, to tell waits before the pace is measured, seconds",
    )
    ask_key: bool = Field(
        True,
        description="whoever is called back presses a key before an agent is there",
    )
    change_by_key: bool = Field(
        True,
        description="whoever shows a number may move and cancel its promised call by key; false: not by that "
        "alone, as numbers shown can be forged",
    )
    ask_after_outage_s: int = Field(
        7200,
        ge=0,
        description="promises so overdue after an outage wait for a person; 0: never, seconds",
    )
    later_s: int = Field(1800, ge=60, description="wait after a customer said later by key, seconds")
    attempts: int = Field(3, ge=1, description="attempts before the promise is closed with an apology")
    countries: list[Country] = Field(
        [], description="countries that are called back, ISO codes; empty: calling.default_region alone"
    )
    promises_per_day: int = Field(3, ge=1, description="promises to one number in 24 hours")
    source_per_hour: int = Field(
        3, ge=1, description="promises asked for by one calling number in an hour, to whatever numbers"
    )
    source_per_day: int = Field(6, ge=1, description="the same in 24 hours; a firm shows one number for all")
    all_per_hour: int = Field(
        200, ge=1, description="promises in an hour to anybody; above what your busiest hour makes"
    )
    all_per_day: int = Field(2000, ge=1, description="the same in 24 hours")
    day: str = Field(
        "08:00-21:00",
        description="when older promises are rung, on the customer's clock; within 07:00-22:00",
    )
    night_after_s: int = Field(
        3600, ge=0, le=3600, description="an older promise is not rung outside `callbacks.day`, seconds"
    )
    retry_busy_s: int = Field(240, ge=0, description="wait after a busy line, seconds")
    retry_no_answer_s: int = Field(720, ge=0, description="wait after no answer, seconds")
    retry_ours_s: int = Field(60, ge=0, description="wait after a failure on our side, seconds")

    @field_validator("day")
    @classmethod
    def _by_day(cls, day: str) -> str:
        opens, _, closes = day.partition("-")
        if not (DAY_HOUR.fullmatch(opens) and DAY_HOUR.fullmatch(closes)) or opens >= closes:
            raise ValueError(f"not hours of a day: {day!r}; write them as 08:00-21:00")
        if opens < EARLIEST or closes > LATEST:
            raise ValueError(f"{day!r} rings people at night: keep within {EARLIEST}-{LATEST}")
        return day


# The name of a sound file, as Asterisk's Playback() takes it; the dialplan's own signs are not in it.


class PacingSettings(Table):
    """How many calls are in the air."""

    mode: Literal["preview", "progressive", "predictive", "reserved"] = Field(
        "progressive", description="of campaigns that name none: how calls are paced"
    )
    abandon_target: float = Field(0.025, ge=0, le=0.2, description="share of answered calls, predictive only")
    wrap_up_limit_s: float = Field(
        60.0, gt=0, description="longest wrap-up, and what one press of “I need longer” adds, seconds"
    )
    preview_limit_s: float = Field(
        120.0, gt=0, description="how long an agent may read about a customer before calling, seconds"
    )
    missed_rings: int = Field(2, ge=1, description="rings in a row an agent may miss before being paused")
    lead_level: bool = Field(
        False, description="pace by each lead's own chance of answering; see docs/pacing.md on patents"
    )
    shares: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="by campaign name: its share of the customers reached where campaigns run on the same "
        "agents; 1 where none is named; a share on the campaign's page goes before it",
    )
    trace: bool = Field(False, description="keep every decision in data_dir/traces, for `winback lab replay`")
    tick_s: float = Field(0.25, gt=0, description="longest time between two decisions, seconds")


def _texts(given: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text among what was given, with the setting it is for."""
    if isinstance(given, str):
        yield path, given
    elif isinstance(given, SecretStr):
        yield path, given.get_secret_value()
    elif isinstance(given, BaseModel):
        yield from _texts(dict(given), path)
    elif isinstance(given, Mapping):
        for name, value in given.items():
            yield from _texts(value, f"{path}.{name}" if path else str(name))
    elif isinstance(given, list | tuple):
        for value in given:
            yield from _texts(value, path)


def _drop_minimum_talk(callbacks: Any) -> None:
    """Say of a setting without effect that it is one, for one version; then it is unknown as any other."""
    if isinstance(callbacks, dict) and callbacks.pop("minimum_talk_s", None) is not None:
        warnings.warn(
            "`callbacks.minimum_talk_s` has no effect any more: causes and agents say what was cut off",
            FutureWarning,
            stacklevel=3,
        )


def settings_file() -> Path:
    """The file that settings are read from, whether it is there or not."""
    return Path(os.environ.get("WINBACK_CONFIG", "winback.toml"))


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=BETWEEN, extra="forbid", hide_input_in_errors=True
    )

    data_dir: Path = Field(Path("var"), description="where the database, models and logs live")
    database_url: str | None = Field(
        None, repr=False, description="SQLAlchemy URL; unset: SQLite in data_dir"
    )
    redis_url: str | None = Field(
        None, repr=False, description="Redis or Valkey URL; unset: one is started in data_dir"
    )
    clock_shift_s: float = Field(
        0.0, description="demo: run as if it were this many seconds later; 0 is the real time"
    )
    clock_speed: float = Field(
        1.0,
        gt=0,
        description="demo: how much faster than life the people live; pacing counts in their seconds",
    )
    pbx: PbxSettings = PbxSettings()
    agi: AgiSettings = AgiSettings()
    queues: QueueSettings = QueueSettings()
    pause_reasons: list[str] = Field(
        ["break", "lunch", "meeting", "training"], description="what agents may pause for, most usual first"
    )
    trunks: list[TrunkSettings] = [TrunkSettings()]
    agents: list[AgentSettings] = []
    teams: list[TeamSettings] = []
    caller_id: str = Field("", description="number shown to customers, E.164; answer it")
    calling: CallingSettings = CallingSettings()
    callbacks: CallbackSettings = CallbackSettings()
    sound: SoundSettings = SoundSettings()
    whisper: WhisperSettings = WhisperSettings()
    pacing: PacingSettings = PacingSettings()
    model: ModelSettings = ModelSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    retention: RetentionSettings = RetentionSettings()
    holdout: HoldoutSettings = HoldoutSettings()
    web: WebSettings = WebSettings()
    imports: ImportSettings = ImportSettings()
    public: PublicSettings = PublicSettings()
    texts: TextSettings = TextSettings()
    mail: MailSettings = MailSettings()
    survey: SurveySettings = SurveySettings()
    webhooks: list[WebhookSettings] = []
    words: Path | None = Field(
        None, description="TOML file of the house's own words for headings and answers in customer files"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged"
    )

    @model_validator(mode="before")
    @classmethod
    def _know_every_name(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is no setting, by name and with the nearest place: it would be lost without a word.

        Defined before what takes former names, since the last one defined runs first.
        """
        names = sorted(name.upper() for name in os.environ)
        variables = [n for n in names if n.startswith(PREFIX) and not n.startswith(FORMER_SCHEDULE)]
        strange = [*unknown(given, cls), *misnamed_variables(variables, cls)]
        if strange:
            raise SettingsUnusable(" ".join(where_it_belongs(path, cls) for path in strange))
        for path, text in _texts(given):
            if breaks_lines(text):
                raise SettingsUnusable(
                    f"{path} holds a line end or another control character; write it without."
                )
        return given

    @model_validator(mode="before")
    @classmethod
    def _take_former_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take `timetable` for `schedule` for one version, and say so."""
        former = {
            name.removeprefix(FORMER_SCHEDULE).lower(): value
            for name, value in os.environ.items()
            if name.startswith(FORMER_SCHEDULE)
        }
        former |= given.pop("timetable", {})
        if former:
            warnings.warn(
                "`timetable.*` is called `schedule.*` now (WINBACK_SCHEDULE__…); soon only that is read",
                FutureWarning,
                stacklevel=2,
            )
            given["schedule"] = former | given.get("schedule", {})
        _drop_minimum_talk(given.get("callbacks"))
        return given

    @model_validator(mode="after")
    def _prove_numbers(self) -> Self:
        """The public form proves numbers by a code: it needs its address, its key and a way to give one."""
        if self.public.form and not self.public.proves(texts=self.texts.way != "none"):
            raise ValueError("public.form needs public.address, public.key, and texts.way or speak_code")
        return self

    @model_validator(mode="after")
    def _name_queues(self) -> Self:
        """Queues that nobody named carry the prefix, so that two Winbacks on one Asterisk have their own."""
        given, names = self.queues.model_fields_set, self.pbx.names
        fields = {name: names.queue(getattr(self.queues, name)) for name in ("inbound", "outbound")}
        unnamed = {name: queue for name, queue in fields.items() if name not in given}
        self.queues = self.queues.model_copy(update=unnamed)
        return self

    @field_validator("caller_id")
    @classmethod
    def _a_number(cls, caller_id: str) -> str:
        if caller_id and not E164_SHAPE.fullmatch(caller_id):
            raise ValueError("not a number in E.164; write it like +442079460001")
        return caller_id

    @field_validator("pause_reasons")
    @classmethod
    def _readable_reasons(cls, reasons: list[str]) -> list[str]:
        for reason in reasons:
            if not PAUSE_REASON.fullmatch(reason) or reason in OWN_PAUSES:
                raise ValueError(f"{reason!r} is no reason to pause: letters, digits and blanks, at most 40")
        if not reasons:
            raise ValueError("agents need at least one reason to pause for")
        return reasons

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then variables, then the TOML file."""
        del dotenv_settings
        path = settings_file()
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=path),
            file_secret_settings,
        )

    def queue_of(self, team: str | None) -> str:
        """The outbound queue of a team; of the whole house for None, or where there is no such team."""
        found = next((each for each in self.teams if each.id == team), None)
        if found is None:
            return self.queues.outbound
        return found.queue or self.pbx.names.queue(f"team_{found.id}")

    def pbx_names(self) -> tuple[str, ...]:
        """The PBXs that agents, trunks or inbound queues are said to be on; none in a house of one."""
        named = [agent.pbx for agent in self.agents] + [trunk.pbx for trunk in self.trunks]
        named += [queue.pbx for queue in self.queues.policies]
        return tuple(sorted({pbx for pbx in named if pbx is not None}))

    def of_own_pbx(self) -> Self:
        """The same with the agents, trunks and inbound queues of `pbx.name`: all that its engine works with.

        A team keeps those of its agents who are there; others of it work on other PBXs. Raises
        `SettingsUnusable` where no inbound queue is there.
        """
        try:
            queues = self.queues.of_pbx(self.pbx.name)
        except ValueError as fault:
            raise SettingsUnusable(f"queues.policies: {fault}.") from None
        here = {None, self.pbx.name}
        agents = [agent for agent in self.agents if agent.pbx in here]
        elsewhere = {agent.id for agent in self.agents} - {agent.id for agent in agents}
        teams = [
            team.model_copy(
                update={
                    "agents": [agent for agent in team.agents if agent not in elsewhere],
                    "weights": {key: each for key, each in team.weights.items() if key not in elsewhere},
                }
            )
            for team in self.teams
        ]
        trunks = [trunk for trunk in self.trunks if trunk.pbx in here]
        return self.model_copy(update={"agents": agents, "teams": teams, "trunks": trunks, "queues": queues})

    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'winback.db').resolve()}"
