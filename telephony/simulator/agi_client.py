"""The caller's side of an AGI dialogue: what Asterisk would answer to each command."""

import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Seconds a caller listens before answering, by command; divided by the simulation's speed.
_LISTENING_S = {
    "GET DATA": 4.0,
    "GET OPTION": 3.0,
    "STREAM FILE": 2.5,
    "CONTROL STREAM FILE": 2.5,
    "WAIT FOR DIGIT": 1.0,
    "SAY DIGITS": 2.0,
    "SAY NUMBER": 1.0,
    "RECORD FILE": 5.0,
    "EXEC": 1.0,
}
_MANY_VARIABLES = "EXEC MSET"
#: what the rendered dialplan looks at
_ANSWERS = ("WB_OK", "WB_RULE", "CB_OK", "CB_POSITION", "WB_KEY", "WB_DEVICE")
_TWO_WORDS = ("GET DATA", "GET OPTION", "STREAM FILE", "WAIT FOR", "SAY DIGITS", "SAY NUMBER", "SET VARIABLE",
              "GET VARIABLE", "CHANNEL STATUS", "RECORD FILE", "SAY ALPHA", "SAY PHONETIC", "SAY TIME",
              "SAY DATE", "SAY DATETIME", "SET MUSIC", "SET CALLERID", "SET CONTEXT", "SET EXTENSION",
              "SET PRIORITY", "SET AUTOHANGUP", "CONTROL STREAM", "GET FULL", _MANY_VARIABLES)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScriptReply:
    """A line for the AGI server, after so many seconds."""

    line: str
    after_s: float = 0.0


class AgiClient:
    """One dialogue: variables set so far, and keys the caller presses when asked."""

    def __init__(
        self,
        *,
        speed: float,
        variables: Mapping[str, str],
        alive: Callable[[], bool],
        keys: str = "1",
    ) -> None:
        self.variables = dict(variables)
        self.alive = alive
        self._speed = speed
        self._keys = keys

    @property
    def answered(self) -> bool:
        """Whether an engine has answered: then no other is asked."""
        return any(self.variables.get(name) for name in _ANSWERS)

    def reply(self, line: str) -> ScriptReply | None:
        """What comes back for one command; None when the caller has hung up."""
        if not self.alive():
            return None
        try:
            words = shlex.split(line)
        except ValueError:
            words = line.split()
        upper = " ".join(words[:2]).upper()
        name = upper if upper in _TWO_WORDS else (words[0].upper() if words else "")
        if name == "WAIT FOR":
            name = "WAIT FOR DIGIT"
        rest = words[len(name.split()) :]
        after_s = _LISTENING_S.get(name, 0.0) / self._speed
        return ScriptReply(self._result(name, rest), after_s if math.isfinite(after_s) else 0.0)

    def _result(self, name: str, rest: list[str]) -> str:
        key = self._keys[:1]
        result = "510 Invalid or unknown command"
        if name == "SET VARIABLE" and rest:
            self.variables[rest[0]] = rest[1] if len(rest) > 1 else ""
            result = "200 result=1"
        elif name == _MANY_VARIABLES:
            pairs = (pair.partition("=") for pair in "".join(rest[:1]).split(","))
            self.variables |= {variable: value for variable, sign, value in pairs if sign}
            result = "200 result=0"
        elif name in {"GET VARIABLE", "GET FULL"} and rest:
            value = self.variables.get(rest[0].removeprefix("${").removesuffix("}"))
            result = f"200 result=1 ({value})" if value is not None else "200 result=0"
        elif name == "GET DATA":
            result = f"200 result={self._keys}"
        elif name == "WAIT FOR DIGIT":
            result = f"200 result={ord(key)}"
        elif name in {"GET OPTION", "STREAM FILE"}:
            digits = rest[1] if len(rest) > 1 else ""
            result = f"200 result={ord(key) if key and key in digits else 0} endpos=8000"
        elif name in {"CHANNEL STATUS", "VERBOSE"}:
            result = f"200 result={6 if name == 'CHANNEL STATUS' else 1}"
        elif name in {"ANSWER", "NOOP", "EXEC", "HANGUP", "RECORD FILE"} or name.startswith(("SAY ", "SET ")):
            result = "200 result=0"
        return result
