"""A whole engine rings a number that was typed on the web, and speaks the code to whoever presses 1."""

from collections.abc import Callable

from acceptance.stage import Stage, busy_world

from dialer.messaging_settings import PublicSettings
from dialer.services.promises.wishes import WebWish, take_wish
from telephony.numbers import E164
from telephony.simulator.behaviour import Behaviour

OpenStage = Callable[..., Stage]

LANDLINE = "+442079460123"
DOORS = PublicSettings(
    address="https://call.example.com", key="a key that nobody guesses, ever", form=True, speak_code=True
)


def everybody_answers() -> Behaviour:
    return busy_world(agents=1, answer_probability=1.0, machine_share=0.0)


def wish(stage: Stage, e164: str = LANDLINE) -> int:
    asked = WebWish(number=E164.parse(e164), key=f"ticket {e164}", address="192.0.2.7", language="en")
    made = take_wish(stage.database, DOORS, asked, stage.clock(), queue="support", texted=False)
    assert isinstance(made, int), made
    return made


def test_the_code_is_spoken_after_the_key_and_no_agent_is_taken(open_stage: OpenStage) -> None:
    stage = open_stage(everybody_answers(), public=DOORS)
    stage.staff()
    stage.wait_leading(stage.start_engine())
    made = wish(stage)
    stage.wait(
        lambda: stage.attempts("wish_id = ? AND ended_at IS NOT NULL", made), "the number was rung and heard"
    )

    lines = [spoken.line for spoken in stage.spoken]
    said = [line for line in lines if "winback/" in line]
    assert ["code-call", "your-code", "your-code", "goodbye"] == [
        line.split("winback/")[1].split()[0].strip('"') for line in said
    ]
    (attempt,) = stage.attempts("wish_id = ?", made)
    assert (None, "no_key") == (attempt["connected_at"], attempt["outcome"])
    (row,) = stage.rows("SELECT spoken_at, rung_from FROM callback_wish WHERE id = ?", made)
    assert row["spoken_at"] is not None
    assert row["rung_from"] is None


def test_without_its_setting_nobody_is_rung_with_a_code(open_stage: OpenStage) -> None:
    shut = DOORS.model_copy(update={"speak_code": False, "form": False})
    stage = open_stage(everybody_answers(), public=shut)
    stage.staff()
    stage.wait_leading(stage.start_engine())
    made = wish(stage)  # as another engine, whose setting it is, may have taken it
    customers = stage.campaign(1)
    stage.wait(lambda: stage.attempts("lead_id IS NOT NULL"), f"a turn went by: {customers.name}")

    assert [] == stage.attempts("wish_id = ?", made)
