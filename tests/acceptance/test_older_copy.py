"""An older copy of the database comes back: nobody is called until a person has seen what is missing."""

import shutil
import subprocess
import sys
from collections.abc import Callable

from acceptance.engine_process import variables
from acceptance.stage import Stage, busy_world

from dialer.db.backup import back_up

OpenStage = Callable[..., Stage]
TURNS = 20  # looks of the engine, in which it could have dialled


def test_nobody_is_dialled_again_after_an_older_copy_came_back(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(talk_s=2.0))
    stage.campaign(150)
    stage.staff()
    copy = stage.folder / "copy.db"
    back_up(stage.database.url, copy)
    first = stage.start_engine()
    stage.wait(lambda: len(stage.sent) >= 12, "calls are placed")
    first.stop()
    stage.wait(lambda: all(each.over for each in stage.truth().attempts.values()), "all calls end")
    stage.wait(lambda: first.exit_code is not None, "the engine has closed its database")
    before = [sent.row["e164"] for sent in stage.sent if sent.row is not None]

    bring_back(stage, copy)
    second = stage.start_engine()
    stage.wait(lambda: "Nobody is called" in str(stage.view().held), "the gap is told")
    seen_at = stage.viewed_at()
    stage.wait(lambda: (stage.viewed_at() - seen_at).total_seconds() > TURNS * 0.1, "the engine goes on")
    held = len(stage.sent)
    said = restore(stage)
    stage.wait(lambda: len(stage.sent) >= held + 8, "the rest is called")

    again = [sent.row["e164"] for sent in stage.sent[held:] if sent.row is not None]
    assert len(before) == held
    assert f"{held} calls were taken in" in said
    assert set(before).isdisjoint(again)
    assert second.said("database_is_older_than_what_was_dialled")


def bring_back(stage: Stage, copy: object) -> None:
    """Put the copy in the database's place, as the manual says."""
    stage.database.close()
    live = stage.folder / "app" / "winback.db"
    for end in ("-wal", "-shm"):
        live.with_name(live.name + end).unlink(missing_ok=True)
    beside = live.with_name("restored.db")
    shutil.copy(str(copy), beside)
    beside.replace(live)  # whole at once: whoever still reads the old file reads it to its end


def restore(stage: Stage) -> str:
    """What `winback restore` says."""
    done = subprocess.run(
        [sys.executable, "-m", "dialer.cli", "restore"],
        env=variables(stage.settings),
        cwd=stage.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(done.stdout.split())
