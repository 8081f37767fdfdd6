// The dashboard's teams: a row each, and the whole view narrowed to the one that was picked.

import { make, percent, words } from "./build.js";

const rows = document.getElementById("teams");
const picked = document.getElementById("team")?.value ?? "";
const WARNED = { "near the limit": "warn", "over the limit": "bad" };

function ofTeam(view, team) {
  const ids = new Set(team.agents);
  const agents = view.agents.filter((agent) => ids.has(agent.id));
  const talking = agents.filter((agent) => agent.state === "talking").length;
  const there = agents.filter((agent) => agent.state !== "offline" && agent.state !== "paused").length;
  const inAir = team.calls.placed + team.calls.ringing + team.calls.answered;
  return { agents, talking, there, inAir };
}

// The same view of the picked team alone; promises and callers who wait are the whole house's.
export function narrowed(view) {
  const team = view.teams.find((each) => each.id === picked);
  if (!team) return view;
  const { agents, talking, there, inAir } = ofTeam(view, team);
  return {
    ...view,
    agents,
    calls: team.calls,
    today: team.today,
    engine: { ...view.engine, in_air: inAir, utilisation: there ? talking / there : null },
    list: { ...view.list, next: view.list.next.filter((lead) => lead.team === picked) },
  };
}

export function showTeams(view) {
  if (!rows) return;
  const order = JSON.parse(rows.dataset.order);
  const teams = [...view.teams].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  rows.replaceChildren(
    ...teams.map((team) => {
      const { talking, there, inAir } = ofTeam(view, team);
      const cell = (name, value) => make("td", { class: "num", "data-name": rows.dataset[name] }, String(value));
      const warned = WARNED[team.today.standing];
      const abandoned = cell("abandoned", percent(team.today.abandonment));
      if (warned) abandoned.append(" ", make("span", { class: `pill is-${warned}` }, words(team.today.standing)));
      return make(
        "tr",
        team.id === picked ? { "aria-current": "true" } : {},
        make("td", { class: "name-cell" }, make("a", { href: `/?team=${encodeURIComponent(team.id)}` }, team.name)),
        cell("atWork", there),
        cell("talking", talking),
        cell("inAir", inAir),
        cell("attempts", team.today.attempts),
        cell("connected", team.today.connected),
        abandoned,
      );
    }),
  );
}
