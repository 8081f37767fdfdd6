// The floor: hears only what changed, and touches nothing else, so that focus and selection stay.

import { clock, make, percent, say, t } from "./build.js";
import { hear } from "./feed.js";

const at = (id) => document.getElementById(id);
const [floor, panel, who, team, needs] = ["floor", "panel", "who", "team", "needs"].map(at);
const squares = new Map([...floor.querySelectorAll(".square")].map((each) => [each.id.slice(2), each]));
let ahead = 0; // Winback's clock minus this browser's, seconds
let opened = null; // whose panel is open
let asked = 0; // the latest panel that was asked for: an answer to an older asking is dropped

const panelOf = (agent) => `/agents/${encodeURIComponent(agent)}/panel`;
const group = (id) => floor.querySelector(`section[data-team="${CSS.escape(id)}"]`);

function tellLink(state, text) {
  at("link").className = `pill is-${state}`;
  say(at("link"), text);
}

function showSquare(seen) {
  let square = squares.get(seen.id);
  if (!square) {
    square = make("a", { id: `a-${seen.id}`, href: panelOf(seen.id) }, make("b"), make("span"));
    squares.set(seen.id, square);
  }
  const home = group(seen.team);
  if (home && square.closest("section") !== home) home.querySelector("ul").append(make("li", {}, square));
  square.className = `square is-${seen.state} level-${seen.level ?? 0}`;
  say(square.firstElementChild, seen.name);
  say(square.lastElementChild, seen.what);
  if (opened === seen.id) refresh();
}

function remove(agent) {
  squares.get(agent)?.parentElement.remove();
  squares.delete(agent);
}

function showNeeds(list) {
  say(at("needs-count"), list.length ? String(list.length) : t("nobody"));
  const rows = new Map([...needs.children].map((row) => [row.firstElementChild.dataset.key, row]));
  list.forEach((need, place) => {
    const key = `${need.kind} ${need.agent} ${need.to}`;
    let row = rows.get(key);
    if (!row) row = make("li", {}, make("a", { href: need.to || panelOf(need.agent), "data-key": key }), " ", make("time"));
    rows.delete(key);
    say(row.firstElementChild, need.words);
    row.lastElementChild.dataset.since = need.since;
    // a row in its place is not moved: moving takes its focus away
    if (needs.children[place] !== row) needs.insertBefore(row, needs.children[place] ?? null);
  });
  for (const row of rows.values()) row.remove();
  tick();
}

function showTeam(seen) {
  const line = floor.querySelector(`[data-line="${CSS.escape(seen.id)}"]`);
  if (!line) return location.reload(); // the organisation has changed
  const share = make("b", { class: `level-${seen.level}` }, percent(seen.share));
  const { abandoned, answered, talking, ready, at_work } = seen;
  line.replaceChildren(share, ` ${t("abandoned ({abandoned} of {answered})", { abandoned, answered })} · ${t("{talking} talking, {ready} ready of {at_work} at work", { talking, ready, at_work })}`);
}

function narrow() {
  const wanted = who.value.trim().toLowerCase();
  for (const section of floor.querySelectorAll(".team")) section.hidden = Boolean(team?.value) && section.dataset.team !== team.value;
  for (const square of squares.values()) square.parentElement.hidden = !square.firstElementChild.textContent.toLowerCase().includes(wanted);
  const address = new URL(location);
  for (const [name, value] of [["who", who.value.trim()], ["team", team?.value]]) value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
  history.replaceState(null, "", address);
}

async function fetchPanel(url, form = {}) {
  const mine = asked;
  const answer = await fetch(url, form);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("agent-panel");
  return mine === asked ? fresh : null;
}

async function open(url, form) {
  asked += 1;
  try {
    const fresh = await fetchPanel(url, form);
    if (!fresh) return;
    const again = opened === fresh.dataset.agent;
    opened = fresh.dataset.agent;
    panel.replaceChildren(fresh);
    tick();
    if (!again || form) panel.focus({ preventScroll: !form });
  } catch {
    panel.prepend(make("p", { class: "banner", role: "alert" }, t("Winback cannot be reached. Nothing was sent.")));
  }
}

// Only what is known is drawn anew, never the fields: somebody may be writing in them.
async function refresh() {
  const fresh = await fetchPanel(panelOf(opened)).catch(() => null);
  const now = at("panel-now");
  if (!fresh || !now || fresh.dataset.agent !== opened || now.contains(document.activeElement)) return;
  now.replaceWith(fresh.querySelector("#panel-now"));
  tick();
}

function tick() {
  const now = Date.now() / 1000 + ahead;
  for (const element of document.querySelectorAll("time[data-since]")) say(element, clock(now - Number(element.dataset.since)));
}

floor.addEventListener("click", (event) => {
  const link = event.target.closest("a[href$='/panel']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link.href);
});
panel.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  // the answer to a request is no page: the panel is looked at again
  if (form.action.endsWith("/decided")) fetch(form.action, { method: "POST", body }).then(() => open(panelOf(opened)));
  else open(form.action, { method: "POST", body });
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    who.select();
  } else if (event.key === "Escape" && opened && !typing) {
    squares.get(opened)?.focus();
  }
});
at("look").addEventListener("input", narrow);
at("look").addEventListener("submit", (event) => {
  event.preventDefault();
  floor.querySelector(".team:not([hidden]) li:not([hidden]) .square")?.click();
});

hear((last) => `/agents/-/events?since=${last || floor.dataset.number}`, {
  onView(view) {
    if (view.fault) return tellLink("bad", t("no database"));
    ahead = view.now - Date.now() / 1000;
    tellLink({ up: "up", asking: "warn" }[view.engine] ?? "bad", t(view.label));
    if (view.whole) {
      const there = new Set((view.squares ?? []).map((seen) => seen.id));
      for (const agent of [...squares.keys()]) if (!there.has(agent)) remove(agent);
    }
    for (const agent of view.gone ?? []) remove(agent);
    for (const seen of view.squares ?? []) showSquare(seen);
    if (view.squares && who.value) narrow();
    if (view.needs) showNeeds(view.needs);
    for (const seen of view.teams ?? []) showTeam(seen);
    document.documentElement.dataset.views = String(Number(document.documentElement.dataset.views || 0) + 1);
  },
  onQuiet() {
    tellLink("bad", t("page is stale"));
  },
});
setInterval(tick, 1000);
tick();
