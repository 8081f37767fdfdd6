// The dashboard: one view a second in, the page brought up to date in place.

import { bar, clock, draw, make, mark, number, percent, say, t, tn, words } from "./build.js";
import { hear } from "./feed.js";
import { Spark } from "./spark.js";
import { narrowed, showTeams } from "./teams.js";

const STATES = ["ready", "reserved", "ringing", "talking", "wrapping_up", "paused", "offline"];
const STAGES = [
  ["placed", "placed", "paused"],
  ["ringing", "ringing", "ringing"],
  ["answered", "answered", "wrapping_up"],
  ["connected", "connected", "talking"],
];

const at = (id) => document.getElementById(id);
const sparks = {
  inAir: new Spark(at("in-air-spark")),
  utilisation: new Spark(at("utilisation-spark"), { top: 1 }),
};
const tiles = new Map();
const drawn = new Map(); // what each part last showed, so that only what changed is touched
let ahead = 0; // Winback's clock minus this browser's, milliseconds

function changed(part, facts) {
  const text = JSON.stringify(facts);
  if (drawn.get(part) === text) return false;
  drawn.set(part, text);
  return true;
}

function tellBanner(text, kind = "") {
  const banner = at("banner");
  banner.hidden = !text;
  banner.className = `banner ${kind}`;
  if (text) say(banner.lastElementChild, text);
}

function tellLink(state, text) {
  const pill = at("link");
  pill.className = `pill is-${state}`;
  say(pill, text);
}

function track(id, share, label) {
  if (changed(id, share)) at(id).replaceChildren(share === null ? draw("svg") : bar(share, label));
}

function showFigures({ engine, today, promises, calls, agents }) {
  const busy = agents.filter((agent) => agent.state === "talking").length;
  const there = agents.filter((agent) => agent.state !== "offline" && agent.state !== "paused").length;
  say(at("in-air"), String(engine.in_air));
  const waiting = engine.waiting_callers ?? "–"; // not known: an engine of another version
  say(at("in-air-sub"), `${t("{ringing} ringing", { ringing: calls.ringing })} · ${tn("{num} caller waiting", "{num} callers waiting", waiting)}`);
  say(at("utilisation"), percent(engine.utilisation, 0));
  say(at("utilisation-sub"), t("{busy} talking of {there} at work", { busy, there }));
  say(at("attempts"), String(today.attempts));
  const answerRate = today.attempts ? today.answered / today.attempts : null;
  say(at("attempts-sub"), `${t("{answered} answered", { answered: today.answered })} · ${percent(answerRate, 0)}`);
  track("attempts-track", answerRate, t("answered, of attempts"));
  const connectRate = today.answered ? today.connected / today.answered : null;
  say(at("connected"), String(today.connected));
  say(at("connected-sub"), t("{share} of answered", { share: percent(connectRate, 0) }));
  track("connected-track", connectRate, t("connected, of answered"));
  say(at("abandoned"), percent(today.abandonment));
  const warned = WARNED[today.standing];
  say(at("abandoned-sub"), t("{abandoned} of {denominator} answered by a person", { abandoned: today.abandoned, denominator: today.denominator }) + (warned ? `: ${words(today.standing)}` : ""));
  at("abandoned-sub").className = `sub${warned ? ` is-${warned}` : ""}`;
  track("abandoned-track", today.abandonment, t("abandoned, of answered by a person"));
  say(at("promises"), t("{open} open", { open: promises.open }));
  say(at("promises-sub"), t("{kept} kept of {made} made", { kept: promises.kept, made: promises.made }));
  track("promises-track", promises.made ? promises.kept / promises.made : null, t("kept, of made"));
  sparks.inAir.add(engine.in_air);
  sparks.utilisation.add(engine.utilisation);
}

const WARNED = { "near the limit": "warn", "over the limit": "bad" }; // colours, beside the words

function makeTile(agent) {
  const tile = make("a", { class: "tile", href: `/agents/${encodeURIComponent(agent.id)}` });
  const name = make("span", { class: "name" });
  const what = make("span");
  const since = make("time");
  tile.append(name, make("span", { class: "what" }, what, since));
  return { tile, name, what, since, state: null };
}

function showAgents(agents) {
  at("no-agents").hidden = agents.length > 0;
  const ids = agents.map((agent) => agent.id);
  if (changed("agent ids", ids)) {
    for (const id of tiles.keys()) if (!ids.includes(id)) tiles.delete(id);
    for (const agent of agents) if (!tiles.has(agent.id)) tiles.set(agent.id, makeTile(agent));
    at("agents").replaceChildren(...ids.map((id) => make("li", {}, tiles.get(id).tile)));
  }
  const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const agent of agents) {
    counts[agent.state] += 1;
    const parts = tiles.get(agent.id);
    if (parts.state !== agent.state) {
      parts.tile.className = `tile is-${agent.state}`;
      parts.tile.querySelector(".mark")?.remove();
      parts.tile.prepend(mark(agent.state));
      parts.state = agent.state;
    }
    say(parts.name, agent.name || agent.id);
    const reason = agent.state === "paused" && agent.reason ? `: ${words(agent.reason)}` : "";
    const missed = agent.missed && agent.state !== "paused" ? t(", missed {missed}", { missed: agent.missed }) : "";
    say(parts.what, words(agent.state) + reason + missed);
    parts.since.dataset.since = agent.since;
  }
  if (changed("agent states", counts)) {
    at("agent-states").replaceChildren(
      ...STATES.filter((state) => counts[state]).map((state) =>
        make("li", { class: `is-${state}` }, mark(state), make("b", {}, String(counts[state])), words(state)),
      ),
    );
  }
}

function showCalls(calls, engine) {
  say(at("why"), engine.reason || t("The engine has not said yet."));
  say(at("leader"), engine.leader ? t("led by {leader}", { leader: engine.leader }) : "");
  if (!changed("calls", calls)) return;
  at("calls").replaceChildren(
    ...STAGES.map(([key, text, colour]) =>
      make(
        "li",
        { class: `is-${colour}` },
        make("b", {}, String(calls[key])),
        make("span", {}, mark(key === "connected" ? "talking" : key), words(text)),
      ),
    ),
  );
}

function showList(list) {
  const counts = Object.entries(list.counts).filter(([, count]) => count);
  // a campaign's name stands beside each customer only where there is more than one
  const names = new Set(list.next.map((lead) => lead.campaign));
  say(at("list-title"), names.size === 1 ? t("Next on the list: {campaign}", { campaign: [...names][0] }) : t("Next on the list"));
  say(at("list-counts"), counts.map(([state, count]) => `${count} ${words(state)}`).join(" · "));
  at("no-leads").hidden = list.next.length > 0;
  if (!changed("list", list.next)) return;
  at("leads").replaceChildren(
    ...list.next.map((lead) =>
      make(
        "tr",
        {},
        make(
          "td",
          {},
          make("span", { class: "name-cell" }, lead.name),
          names.size > 1 ? make("small", {}, ` ${lead.campaign}`) : null,
        ),
        make("td", {}, make("span", { class: "risk" }, make("b", {}, percent(lead.risk, 0)), bar(lead.risk ?? 0, t("risk of leaving")))),
        make("td", { class: "num", "data-name": t("gain") }, lead.gain === null ? "–" : number(lead.gain, 2)),
        make("td", { class: "wide reasons", lang: document.getElementById("leads").dataset.language }, lead.reasons.join(" · ")),
      ),
    ),
  );
}

function late(promise) {
  const kind = WARNED[promise.standing];
  return kind ? [" ", make("span", { class: `pill is-${kind}` }, mark("alert"), kind === "bad" ? t("late") : t("nearly late"))] : [];
}

function showPromises(promises, aside) {
  at("no-promises").hidden = promises.next.length > 0;
  if (changed("promises", promises.next)) {
    at("open-promises").replaceChildren(
      ...promises.next.map((promise) =>
        make(
          "tr",
          {},
          make("td", {}, make("span", { class: "place" }, String(promise.queue_position ?? "–"))),
          make("td", {}, make("span", { class: "name-cell whole" }, promise.number), " ", make("small", {}, promise.reference)),
          make("td", {}, make("span", { class: `pill is-${promise.state}` }, words(promise.state)), ...late(promise)),
          make("td", { class: "num", "data-name": t("waiting") }, make("time", { "data-since": promise.virtual_join })),
        ),
      ),
    );
  }
  const { made, kept, settled, cancelled, closed, open, error, stuck, overtaken } = promises;
  if (changed("ledger", [made, kept, settled, cancelled, closed, open, error, stuck, overtaken, aside])) {
    const faults = [
      error && t("ledger error {error}: promises are unaccounted for", { error }),
      stuck && tn("{num} promise is stuck: nothing would ever call it", "{num} promises are stuck: nothing would ever call them", stuck),
      overtaken && tn("{num} promise is overtaken: somebody who joined later was called first", "{num} promises are overtaken: somebody who joined later was called first", overtaken),
      aside && t("{aside} of what was heard of calls could not be written in the last day: see winback doctor", { aside }),
    ].filter(Boolean);
    const balance = faults.length
      ? faults.map((fault) => make("strong", { class: "is-bad" }, mark("alert"), ` ${fault}`))
      : [make("span", { class: "is-ready" }, mark("ready"), ` ${t("ledger balances, nobody stuck or overtaken")}`)];
    at("ledger").replaceChildren(
      make("span", {}, t("{made} made = {kept} kept + {settled} settled + {cancelled} cancelled + {closed} closed + {open} open", { made, kept, settled, cancelled, closed, open })),
      ...balance,
    );
  }
}

async function answer(request, allow, row) {
  for (const button of row.querySelectorAll("button")) button.disabled = true;
  const body = new URLSearchParams({ given: request.given, allow });
  try {
    const url = `/agents/${encodeURIComponent(request.agent)}/offers/decided`;
    const told = await fetch(url, { method: "POST", body, headers: { accept: "application/json" } });
    if (told.ok) return; // the next view is without it
    say(row.lastElementChild, (await told.json()).error?.message ?? t("That did not work."));
  } catch {
    say(row.lastElementChild, t("Winback cannot be reached. Nothing was sent."));
  }
  for (const button of row.querySelectorAll("button")) button.disabled = false;
}

function showRequests(requests) {
  const part = at("requests");
  if (!part || !changed("requests", requests)) return;
  part.hidden = requests.length === 0;
  const waiting = new Map([...at("request-list").children].map((row) => [row.dataset.given, row]));
  at("request-list").replaceChildren(
    ...requests.map((request) => {
      const old = waiting.get(String(request.given));
      if (old) return old; // focus and a sentence under it stay
      const row = make("li", { "data-given": String(request.given) });
      const yes = make("button", { class: "main", type: "button" }, t("Allow"));
      const no = make("button", { type: "button" }, t("No"));
      yes.addEventListener("click", () => answer(request, true, row));
      no.addEventListener("click", () => answer(request, false, row));
      const whom = request.customer ? ` ${t("for {customer}", { customer: request.customer })}` : "";
      const what = t("{agent}: {offer} ({cost}){whom}, because of: {reason}. {why}", { agent: request.agent_name, offer: request.offer, cost: number(request.cost, 2), whom, reason: words(request.reason), why: t(request.why) });
      row.append(make("span", {}, what), " ", make("time", { "data-since": request.asked_at }), yes, no, make("small", { role: "status" }));
      return row;
    }),
  );
}

function tick() {
  const now = Date.now() + ahead;
  say(at("clock"), new Date(now).toLocaleTimeString(document.documentElement.lang === "en" ? undefined : document.documentElement.lang));
  for (const element of document.querySelectorAll("time[data-since]")) {
    say(element, clock((now - Date.parse(element.dataset.since)) / 1000));
  }
}

hear("/dashboard/events", {
  onView(whole) {
    if (whole.fault) {
      tellLink("bad", t("no database"));
      tellBanner(t("Winback cannot read its database. What you see is old."));
      return;
    }
    const view = narrowed(whole);
    if (changed("teams", [whole.teams, whole.agents.map((agent) => agent.state)])) showTeams(whole);
    ahead = Date.parse(view.now) - Date.now();
    const { engine } = view;
    const kind = { up: "up", asking: "warn" }[engine.state] ?? "bad";
    tellLink(kind, engine.label);
    tellBanner(engine.banner, kind);
    showFigures(view);
    showRequests(view.offer_requests);
    showAgents(view.agents);
    showCalls(view.calls, engine);
    showList(view.list);
    showPromises(view.promises, view.facts_set_aside);
    tick();
    document.documentElement.dataset.views = String(Number(document.documentElement.dataset.views || 0) + 1);
  },
  onQuiet() {
    tellLink("bad", t("page is stale"));
    tellBanner(t("This page has heard nothing for five seconds. What you see is old; it keeps trying."));
  },
});
setInterval(tick, 1000);
