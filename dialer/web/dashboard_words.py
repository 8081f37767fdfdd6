"""The dashboard's sentences in the language of whoever looks; everybody else shares one dashboard."""

from churnmodel.reasons.phrases import in_words
from dialer.core.dashboard.view import Dashboard
from dialer.web.languages import spoken, translate


class DashboardTexts:
    """One dashboard as JSON text in each language that somebody reads it in, made once."""

    def __init__(self) -> None:
        self._of: Dashboard | None = None
        self._texts: dict[str, str] = {}

    def text(self, dashboard: Dashboard) -> str:
        """It in the language spoken."""
        if self._of is not dashboard:
            self._of, self._texts = dashboard, {}
        language = spoken()
        if language not in self._texts:
            self._texts[language] = said(dashboard).model_dump_json()
        return self._texts[language]


def said(dashboard: Dashboard) -> Dashboard:
    """The same with its words in the language spoken: what is known is said anew, nothing is looked at."""
    engine, leads = dashboard.engine, dashboard.list
    words = {
        "label": translate(engine.label),
        "banner": translate(engine.banner) if engine.banner is not None else None,
        "reason": translate(engine.reason),
    }
    reasons = tuple(
        lead.model_copy(update={"reasons": in_words(lead.because, spoken())}) for lead in leads.next
    )
    return dashboard.model_copy(
        update={
            "engine": engine.model_copy(update=words),
            "list": leads.model_copy(update={"next": reasons}),
        }
    )
