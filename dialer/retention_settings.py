"""The settings of how long what is kept."""

from typing import Final

from pydantic import Field, model_validator

from dialer.pbx_settings import Table

#: days; spacing, caps, quiet times and the abandonment of a campaign look back no further than this
SHORTEST_RETENTION_D: Final = 90


class RetentionSettings(Table):
    """For how many days what is kept; 0 keeps it for ever. A nightly job takes out what is older."""

    attempts_d: int = Field(
        1825,
        ge=0,
        description="calls, promises and what came of them; Germany asks for five years' proof (UWG 7a)",
    )
    notes_d: int = Field(
        365, ge=0, description="agents' notes: free words on persons, which nothing is counted from"
    )
    refusals_d: int = Field(
        90,
        ge=0,
        description="refusals and messages with numbers; a refusal's rule stays in the decision log",
    )
    audit_d: int = Field(
        1825, ge=0, description="the decision log and the audit; not shorter than what they prove"
    )

    @model_validator(mode="after")
    def _long_enough(self) -> "RetentionSettings":
        for name in ("attempts_d", "refusals_d", "audit_d"):
            if 0 < getattr(self, name) < SHORTEST_RETENTION_D:
                raise ValueError(f"{name}: rules look back up to {SHORTEST_RETENTION_D} days; keep it longer")
        if self.audit_d and (not self.attempts_d or self.attempts_d > self.audit_d):
            raise ValueError(
                "audit_d: the log has to be kept at least as long as attempts_d, which it proves"
            )
        return self
