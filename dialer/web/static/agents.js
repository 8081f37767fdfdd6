// The agents' list: fetches its rows again when somebody's facts change, but never under a hand that decides.

import { clock, say } from "./build.js";
import { hear } from "./feed.js";

const list = document.getElementById("agents");
const link = document.getElementById("link");
let ahead = 0;
let shown = null; // the marks of the rows on the page
let fetching = false;

function tellLink(state, text) {
  link.className = `pill is-${state}`;
  say(link, text);
}

const deciding = () => list.querySelector("details[open]") !== null;

async function fetchRows(marks) {
  if (fetching) return;
  fetching = true;
  try {
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const answer = await fetch("/agents/-/rows");
    if (!answer.ok || deciding()) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (deciding()) return;
    list.replaceChildren(...fresh.body.childNodes);
    shown = marks;
    if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    tick();
  } finally {
    fetching = false;
  }
}

function tick() {
  for (const element of list.querySelectorAll("time[data-since]")) {
    say(element, clock((Date.now() + ahead - Date.parse(element.dataset.since)) / 1000));
  }
}

hear("/dashboard/events", {
  onView(view) {
    if (view.fault) {
      tellLink("bad", "no database");
      return;
    }
    ahead = Date.parse(view.now) - Date.now();
    tellLink({ up: "up", asking: "warn" }[view.engine.state] ?? "bad", view.engine.label);
    const marks = view.agents.map((agent) => `${agent.id} ${agent.mark}`).join();
    if (marks !== shown && !deciding()) fetchRows(marks);
  },
  onQuiet() {
    tellLink("bad", "page is stale");
  },
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && list.querySelector("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
// one decision at a time
list.addEventListener("toggle", (event) => {
  if (!event.target.open) return;
  for (const other of list.querySelectorAll("details[open]")) if (other !== event.target) other.open = false;
}, true);
setInterval(tick, 1000);
tick();
