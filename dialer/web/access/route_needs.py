"""What every route asks of a visitor: one table, by the function that answers.

A route without a row is closed. A test walks all routes with every role and fails for one without.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from dialer.core.access.needs import Need, SpecialNeed
from dialer.core.access.rights import Right

#: a whole package that is for people without an account; whatever is in it has to be fit for strangers
OPEN_PACKAGE: Final = "public."

ROUTE_NEEDS: Final[Mapping[str, Need]] = {
    # what machines ask
    "health.answer_health": SpecialNeed.ANYBODY,
    "health.answer_readiness": SpecialNeed.ANYBODY,
    "health.answer_metrics": SpecialNeed.ANYBODY,
    "fastapi.applications.openapi": SpecialNeed.ANYBODY,
    # the way in and out
    "pages.log_in.show_log_in": SpecialNeed.ANYBODY,
    "pages.log_in.come_in": SpecialNeed.ANYBODY,
    "pages.provider_log_in.ask_provider": SpecialNeed.ANYBODY,
    "pages.provider_log_in.come_from_provider": SpecialNeed.ANYBODY,
    "pages.log_in.log_out": SpecialNeed.ANYBODY,
    "pages.log_in.show_invitation": SpecialNeed.ANYBODY,
    "pages.log_in.accept": SpecialNeed.ANYBODY,
    # one's own account, and everybody's
    "pages.account.show_account": Right.ACCOUNT,
    "pages.account.change": Right.ACCOUNT,
    "pages.account.set_second_step": Right.ACCOUNT,
    "pages.account.give_up_second_step": Right.ACCOUNT,
    "pages.account.choose_language": Right.ACCOUNT,
    "pages.account.make": Right.ACCOUNT,
    "pages.account.revoke": Right.ACCOUNT,
    "pages.users.show_users": Right.USERS,
    "pages.users.add": Right.USERS,
    "pages.users.change": Right.USERS,
    "pages.users.invite": Right.USERS,
    "pages.users.disable": Right.USERS,
    "pages.users.make": Right.USERS,
    "pages.users.revoke": Right.USERS,
    "api.account.show_me": SpecialNeed.KNOWN,
    # the floor
    "pages.dashboard.show_dashboard": SpecialNeed.KNOWN,  # led to their own page where they see no floor
    "pages.dashboard.send_dashboards": Right.SEE_FLOOR,
    "api.dashboard.show_dashboard": Right.SEE_FLOOR,
    "api.dashboard.show_live": Right.SEE_FLOOR,
    "pages.floor.show_floor": Right.SEE_FLOOR,
    "pages.floor.send_changes": Right.SEE_FLOOR,
    "pages.floor.show_panel": SpecialNeed.SEEN_AGENT,
    "pages.floor.direct": SpecialNeed.DIRECTED_AGENT,
    "pages.floor.listen": SpecialNeed.DIRECTED_AGENT,
    "pages.floor.write": SpecialNeed.DIRECTED_AGENT,
    "api.agents.list_agents": Right.SEE_FLOOR,
    "api.agents.direct": SpecialNeed.DIRECTED_AGENT,
    "api.agents.listen": SpecialNeed.DIRECTED_AGENT,
    # an agent's page: others of the floor may look, and nobody acts as another
    "pages.agents.show_agent": SpecialNeed.SEEN_AGENT,
    "pages.agents.show_card": SpecialNeed.SEEN_AGENT,
    "pages.agents.send_marks": SpecialNeed.SEEN_AGENT,
    "pages.agents.wish": SpecialNeed.OWN_AGENT,
    "pages.agents.leave": SpecialNeed.OWN_AGENT,
    "pages.agents.preview": SpecialNeed.OWN_AGENT,
    "pages.agents.close": SpecialNeed.OWN_AGENT,
    "pages.agents.dispose": SpecialNeed.OWN_AGENT,
    "pages.phone.show_phone": SpecialNeed.OWN_AGENT,
    "pages.live_calls.dispose_of_live_call": SpecialNeed.OWN_AGENT,
    "pages.live_calls.correct_live_call": SpecialNeed.OWN_AGENT,
    "pages.live_calls.undo_live_call": SpecialNeed.OWN_AGENT,
    "pages.live_calls.draft_live_call": SpecialNeed.OWN_AGENT,
    "pages.live_calls.look_for_caller": SpecialNeed.OWN_AGENT,
    "pages.live_calls.link_live_caller": SpecialNeed.OWN_AGENT,
    "pages.agents.correct": SpecialNeed.OWN_AGENT,
    "pages.agents.undo": SpecialNeed.OWN_AGENT,
    "pages.agents.draft": SpecialNeed.OWN_AGENT,
    "api.agents.show_agent": SpecialNeed.SEEN_AGENT,
    "api.agents.show_words": SpecialNeed.SEEN_AGENT,
    "api.agents.wish": SpecialNeed.OWN_AGENT,
    "api.agents.leave": SpecialNeed.OWN_AGENT,
    "api.agents.preview": SpecialNeed.OWN_AGENT,
    "api.agents.close": SpecialNeed.OWN_AGENT,
    "api.agents.dispose": SpecialNeed.OWN_AGENT,
    "api.live_calls.dispose_of_live_call": SpecialNeed.OWN_AGENT,
    "api.live_calls.correct_live_call": SpecialNeed.OWN_AGENT,
    "api.live_calls.undo_live_call": SpecialNeed.OWN_AGENT,
    "api.live_calls.link_live_caller": SpecialNeed.OWN_AGENT,
    "api.agents.correct": SpecialNeed.OWN_AGENT,
    "api.agents.undo": SpecialNeed.OWN_AGENT,
    # the person in talk, and an agent's own day
    "pages.person_on_card.remember": SpecialNeed.OWN_AGENT,
    "pages.person_on_card.say_reason": SpecialNeed.OWN_AGENT,
    "pages.person_on_card.show_whole_number": SpecialNeed.OWN_AGENT,
    "pages.person_on_card.play_reason": SpecialNeed.OWN_AGENT,
    "pages.person_on_card.show_day": SpecialNeed.OWN_AGENT,
    "pages.person_on_card.mark_read": SpecialNeed.OWN_AGENT,
    "pages.person_on_card.show_reasons": Right.SEE_CAMPAIGNS,
    "api.person_on_card.show_history": SpecialNeed.SEEN_AGENT,
    "api.person_on_card.show_times": SpecialNeed.SEEN_AGENT,
    "api.person_on_card.remember": SpecialNeed.OWN_AGENT,
    "api.person_on_card.say_reason": SpecialNeed.OWN_AGENT,
    "api.person_on_card.show_whole_number": SpecialNeed.OWN_AGENT,
    "api.person_on_card.show_day": SpecialNeed.OWN_AGENT,
    "api.person_on_card.mark_read": SpecialNeed.OWN_AGENT,
    "api.person_on_card.write": SpecialNeed.DIRECTED_AGENT,
    "api.person_on_card.show_reasons": Right.SEE_CAMPAIGNS,
    # offers that keep customers
    "pages.retention_offers.show_offers": Right.SEE_CAMPAIGNS,
    "pages.retention_offers.add": Right.CHANGE_CAMPAIGNS,
    "pages.retention_offers.change": Right.CHANGE_CAMPAIGNS,
    "pages.retention_offers.close": Right.CHANGE_CAMPAIGNS,
    "pages.retention_offers.give": SpecialNeed.OWN_AGENT,
    "pages.retention_offers.withdraw": SpecialNeed.OWN_AGENT,
    "pages.retention_offers.decide": SpecialNeed.DIRECTED_AGENT,
    "api.retention_offers.show_offers": Right.SEE_CAMPAIGNS,
    "api.retention_offers.show_report": Right.SEE_CAMPAIGNS,
    "api.retention_offers.add": Right.CHANGE_CAMPAIGNS,
    "api.retention_offers.change": Right.CHANGE_CAMPAIGNS,
    "api.retention_offers.close": Right.CHANGE_CAMPAIGNS,
    "api.retention_offers.show_allowance": SpecialNeed.SEEN_AGENT,
    "api.retention_offers.give": SpecialNeed.OWN_AGENT,
    "api.retention_offers.withdraw": SpecialNeed.OWN_AGENT,
    "api.retention_offers.decide": SpecialNeed.DIRECTED_AGENT,
    "pages.agent_bookings.show_booking": SpecialNeed.OWN_AGENT,
    "pages.agent_bookings.book": SpecialNeed.OWN_AGENT,
    "api.agent_bookings.list_slots": SpecialNeed.OWN_AGENT,
    "api.agent_bookings.book": SpecialNeed.OWN_AGENT,
    # campaigns and plans
    "pages.campaigns.show_campaigns": Right.SEE_CAMPAIGNS,
    "pages.campaigns.show_campaign": Right.SEE_CAMPAIGNS,
    "pages.campaigns.show_new": Right.CHANGE_CAMPAIGNS,
    "pages.campaigns.count_new": Right.SEE_CAMPAIGNS,
    "pages.campaigns.preview_new": Right.SEE_CAMPAIGNS,
    "pages.campaigns.save_new": Right.CHANGE_CAMPAIGNS,
    "pages.campaigns.move": Right.CHANGE_CAMPAIGNS,
    "pages.campaign_cockpit.pause_all": Right.CHANGE_CAMPAIGNS,
    "pages.campaign_cockpit.show_edit": Right.CHANGE_CAMPAIGNS,
    "pages.campaign_cockpit.change": Right.CHANGE_CAMPAIGNS,
    "pages.campaign_cockpit.show_recycle": Right.CHANGE_CAMPAIGNS,
    "pages.campaign_cockpit.put_back": Right.CHANGE_CAMPAIGNS,
    "pages.campaign_cockpit.show_results": Right.SEE_CAMPAIGNS,
    "pages.campaign_cockpit.show_effect": Right.SEE_CAMPAIGNS,
    "api.campaign_cockpit.pause_all": Right.CHANGE_CAMPAIGNS,
    "api.campaign_cockpit.foresee": Right.CHANGE_CAMPAIGNS,
    "api.campaign_cockpit.change": Right.CHANGE_CAMPAIGNS,
    "api.campaign_cockpit.count_recycled_leads": Right.CHANGE_CAMPAIGNS,
    "api.campaign_cockpit.put_back": Right.CHANGE_CAMPAIGNS,
    "api.campaign_cockpit.show_tables": Right.SEE_CAMPAIGNS,
    "api.campaign_cockpit.show_acts": Right.SEE_CAMPAIGNS,
    "api.campaigns.list_campaigns": Right.SEE_CAMPAIGNS,
    "api.campaigns.count": Right.SEE_CAMPAIGNS,
    "api.campaigns.preview": Right.SEE_CAMPAIGNS,
    "pages.campaigns.keep_list": Right.CHANGE_CAMPAIGNS,
    "pages.saved_lists.show_lists": Right.SEE_CAMPAIGNS,
    "pages.saved_lists.remove": Right.CHANGE_CAMPAIGNS,
    "api.saved_lists.show_lists": Right.SEE_CAMPAIGNS,
    "api.saved_lists.save": Right.CHANGE_CAMPAIGNS,
    "api.saved_lists.remove": Right.CHANGE_CAMPAIGNS,
    "api.campaigns.create": Right.CHANGE_CAMPAIGNS,
    "api.campaigns.show": Right.SEE_CAMPAIGNS,
    "api.campaigns.show_results": Right.SEE_CAMPAIGNS,
    "api.campaigns.show_now": Right.SEE_CAMPAIGNS,
    "api.campaigns.explain": Right.SEE_CAMPAIGNS,
    "api.campaigns.show_list": Right.SEE_CAMPAIGNS,
    "api.campaigns.move": Right.CHANGE_CAMPAIGNS,
    "pages.planning.show_plan": Right.PLAN,
    "api.planning.show_plan": Right.PLAN,
    "pages.staffing.show_staffing": Right.PLAN,
    "api.staffing.show_staffing": Right.PLAN,
    # customers and what they asked for
    "pages.customers.show_search": Right.SEE_CUSTOMERS,
    "pages.customers.find": Right.SEE_CUSTOMERS,
    "pages.customers.show_customer": Right.SEE_CUSTOMERS,
    "pages.customers.allow": Right.CHANGE_CUSTOMERS,
    "pages.person_requests.show_requests": Right.CHANGE_CUSTOMERS,
    "pages.person_requests.export": Right.CHANGE_CUSTOMERS,
    "pages.person_requests.restrict": Right.CHANGE_CUSTOMERS,
    "pages.person_requests.lift": Right.CHANGE_CUSTOMERS,
    "pages.person_requests.rectify": Right.CHANGE_CUSTOMERS,
    "pages.person_requests.erase": Right.CHANGE_CUSTOMERS,
    "pages.imports.show_imports": Right.CHANGE_CUSTOMERS,
    "pages.imports.upload": Right.CHANGE_CUSTOMERS,
    "pages.imports.show_file": Right.CHANGE_CUSTOMERS,
    "pages.imports.check": Right.CHANGE_CUSTOMERS,
    "pages.imports.store": Right.CHANGE_CUSTOMERS,
    "pages.imports.look_again": Right.CHANGE_CUSTOMERS,
    "pages.imports.download": Right.CHANGE_CUSTOMERS,
    "api.customer_files.hand_in": Right.CHANGE_CUSTOMERS,
    "api.customer_files.look_at": Right.CHANGE_CUSTOMERS,
    "api.customer_files.correct": Right.CHANGE_CUSTOMERS,
    "api.customer_files.rejected_rows": Right.CHANGE_CUSTOMERS,
    "api.persons.export": Right.CHANGE_CUSTOMERS,
    "api.persons.restrict": Right.CHANGE_CUSTOMERS,
    "api.persons.lift": Right.CHANGE_CUSTOMERS,
    "api.persons.rectify": Right.CHANGE_CUSTOMERS,
    "api.persons.erase": Right.CHANGE_CUSTOMERS,
    "api.explanations.explain": Right.SEE_CUSTOMERS,
    "pages.suppression.show_list": Right.SEE_DO_NOT_CALL,
    "pages.suppression.search": Right.SEE_DO_NOT_CALL,
    "pages.suppression.add": Right.CHANGE_DO_NOT_CALL,
    "pages.suppression.remove": Right.CHANGE_DO_NOT_CALL,
    "pages.suppression.upload": Right.CHANGE_DO_NOT_CALL,
    "api.suppression.list_numbers": Right.SEE_DO_NOT_CALL,
    "api.suppression.search": Right.SEE_DO_NOT_CALL,
    "api.suppression.add": Right.CHANGE_DO_NOT_CALL,
    "api.suppression.remove": Right.CHANGE_DO_NOT_CALL,
    # live callers
    "pages.caller_report.show_callers": Right.SEE_FLOOR,
    "pages.caller_report.download_callers": Right.SEE_FLOOR,
    "api.reports.report_callers": Right.SEE_FLOOR,
    # promises
    "pages.promises.show_promises": Right.SEE_PROMISES,
    "pages.promises.cancel": Right.CHANGE_PROMISES,
    "pages.promise_records.show_ledger": Right.SEE_PROMISES,
    "pages.promise_records.show_promise": Right.SEE_PROMISES,
    "pages.promise_records.call": Right.CHANGE_PROMISES,
    "pages.promise_records.assign": Right.CHANGE_PROMISES,
    "api.promises.assign": Right.CHANGE_PROMISES,
    "api.promises.call": Right.CHANGE_PROMISES,
    "pages.promises.decide_held": Right.CHANGE_PROMISES,
    "pages.promises.follow_up": Right.CHANGE_PROMISES,
    "pages.promises.undo_block": Right.CHANGE_PROMISES,
    "api.promises.list_open": Right.SEE_PROMISES,
    "api.promises.list_ended": Right.SEE_PROMISES,
    "api.promises.show_history": Right.SEE_PROMISES,
    "api.promises.show_ledger": Right.SEE_PROMISES,
    "api.promises.show_quotes": Right.SEE_PROMISES,
    "api.promises.list_unkept": Right.SEE_PROMISES,
    "api.promises.list_blocked": Right.SEE_PROMISES,
    "api.promises.follow_up": Right.CHANGE_PROMISES,
    "api.promises.undo_block": Right.CHANGE_PROMISES,
    "api.promises.cancel": Right.CHANGE_PROMISES,
    "api.promises.list_slots": Right.SEE_PROMISES,
    "api.promises.move": Right.CHANGE_PROMISES,
    # reports
    "pages.report_mailings.list_reports": Right.SEE_REPORTS,
    "pages.report_mailings.add": Right.EXPORT,
    "pages.report_mailings.remove": Right.EXPORT,
    "api.report_mailings.show_mailings": Right.EXPORT,
    "api.report_mailings.add": Right.EXPORT,
    "api.report_mailings.remove": Right.EXPORT,
    "pages.reports.show_report": Right.SEE_REPORTS,
    "pages.reports.download": Right.EXPORT,
    "api.reports.list_reports": Right.SEE_REPORTS,
    "api.reports.show_report": Right.SEE_REPORTS,
    # recorded talks
    "pages.recordings.show_recordings": Right.HEAR_RECORDINGS,
    "pages.recordings.hear": Right.HEAR_RECORDINGS,
    "pages.recordings.silence": Right.CHANGE_RECORDINGS,
    "pages.recordings.delete": Right.CHANGE_RECORDINGS,
    "api.recordings.list_recordings": Right.HEAR_RECORDINGS,
    "api.recordings.silence": Right.CHANGE_RECORDINGS,
    "api.recordings.delete": Right.CHANGE_RECORDINGS,
    # what leaves the house
    "pages.outbox.show_outbox": Right.SEE_OUTBOX,
    "pages.outbox.retry": Right.CHANGE_OUTBOX,
    "api.outbox.list_messages": Right.SEE_OUTBOX,
    "api.outbox.retry": Right.CHANGE_OUTBOX,
    # who did what
    "pages.audit.show_audit": Right.AUDIT,
    "pages.audit.choose": Right.AUDIT,
    "pages.audit.download": Right.AUDIT,
    "api.audit.list_acts": Right.AUDIT,
    # what the centre consists of
    "pages.setup.show_setup": Right.SETUP,
    "pages.setup.change": Right.SETUP,
    "api.setup.show_organisation": Right.SETUP,
    "api.setup.plan": Right.SETUP,
    "api.setup.apply": Right.SETUP,
    "api.setup.show_rendering": Right.SETUP,
    "pages.setup.render": Right.RENDER,
    "api.setup.render": Right.RENDER,
    # what Winback does by itself
    "pages.schedule.show_schedule": Right.SEE_SCHEDULE,
    "pages.schedule.ask": Right.RUN_SCHEDULE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRoute:
    """A route as it is judged: where it is, who answers, and what it asks; `need` None: it is closed."""

    methods: frozenset[str]
    address: str
    pattern: re.Pattern[str]
    endpoint: Callable[..., Any]
    key: str
    need: Need | None


def key_of(endpoint: Callable[..., Any]) -> str:
    """By what the table knows the function that answers."""
    return f"{endpoint.__module__.removeprefix('dialer.web.')}.{endpoint.__name__}"


def need_of(endpoint: Callable[..., Any]) -> Need | None:
    """What a function asks of those whom it answers."""
    key = key_of(endpoint)
    return SpecialNeed.ANYBODY if key.startswith(OPEN_PACKAGE) else ROUTE_NEEDS.get(key)


def guarded_routes(routes: Sequence[BaseRoute]) -> tuple[GuardedRoute, ...]:
    """An application's routes as they are judged, in the order in which it looks for them."""
    return tuple(
        GuardedRoute(
            methods=frozenset(found.methods or ()),
            address=str(found.path),
            pattern=found.path_regex,
            endpoint=found.endpoint,
            key=key_of(found.endpoint),
            need=need_of(found.endpoint),
        )
        for found in iter_route_contexts(routes)
        if not isinstance(found.original_route, Mount) and found.endpoint is not None
    )


def route_of(routes: Sequence[GuardedRoute], scope: Scope) -> tuple[GuardedRoute, dict[str, str]] | None:
    """The route that answers a request, with what its address names; None: none does, by this method."""
    for route in routes:
        found = route.pattern.match(scope["path"])
        if found is not None and scope["method"] in route.methods:
            return route, found.groupdict()
    return None
