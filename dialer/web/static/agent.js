// An agent's page: fetches its card again when the agent's facts change, and answers to keys.

import { clock, say } from "./build.js";
import { hear } from "./feed.js";

const card = document.getElementById("agent-card");
const link = document.getElementById("link");
const here = `/agents/${encodeURIComponent(card.dataset.agent)}`;
let ahead = 0;
let fetching = false;

const shownMark = () => card.querySelector("[data-mark]").dataset.mark;
const shownAttempt = () => card.querySelector("input[name=attempt]")?.value;

function tellLink(state, text) {
  link.className = `pill is-${state}`;
  say(link, text);
}

// What an agent has typed stays while the call is the same one.
async function fetchCard() {
  if (fetching) return;
  fetching = true;
  try {
    const answer = await fetch(`${here}/card`);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const attempt = shownAttempt();
    const typed = new Map([...card.querySelectorAll("textarea, input[type=datetime-local]")].map((field) => [field.id, field]));
    const chosen = [...card.querySelectorAll("select, input[type=time]")].map((field) => [field.id, field.value]);
    const focused = document.activeElement?.id;
    card.replaceChildren(...fresh.body.childNodes);
    if (attempt && attempt === shownAttempt()) {
      for (const [id, field] of typed) document.getElementById(id).replaceWith(field);
    }
    for (const [id, value] of chosen) {
      const field = document.getElementById(id);
      if (field && card.contains(field)) field.value = value;
    }
    if (focused && card.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused).focus();
    tick();
  } finally {
    fetching = false;
  }
}

function tick() {
  for (const element of card.querySelectorAll("time[data-since]")) {
    say(element, clock((Date.now() + ahead - Date.parse(element.dataset.since)) / 1000));
  }
  for (const element of card.querySelectorAll("time[data-until]")) {
    say(element, clock((Date.parse(element.dataset.until) - Date.now() - ahead) / 1000));
  }
}

hear(`${here}/events`, {
  onView(view) {
    if (view.fault) {
      tellLink("bad", "no database");
      return;
    }
    ahead = Date.parse(view.now) - Date.now();
    tellLink({ up: "up", asking: "warn" }[view.engine] ?? "bad", view.label);
    if (view.mark !== shownMark()) fetchCard();
  },
  onQuiet() {
    tellLink("bad", "page is stale");
  },
});
setInterval(tick, 1000);
tick();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "Escape" && typing) {
    event.target.blur();
    return;
  }
  if (typing) return;
  const key = event.key.toLowerCase();
  const button = card.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  const field = card.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  if (button) button.click();
  else if (field) field.focus();
  else return;
  event.preventDefault();
});

// Enter decides nothing by itself; in a field that belongs to one button it presses that one.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !field.form) return;
  const wanted = field.dataset.enter;
  if (field.matches("input") && wanted) {
    event.preventDefault();
    field.form.querySelector(`button[value="${CSS.escape(wanted)}"]`).click();
  } else if (field.matches("textarea") && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    const when = field.form.querySelector("[data-enter]");
    if (when?.value) field.form.querySelector(`button[value="${CSS.escape(when.dataset.enter)}"]`).click();
    else field.blur(); // the keys of the words work again
  }
});

// What is said while a note is being typed must not cost the note: the page stays.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-stay]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  await fetch(form.action, { method: "POST", body, redirect: "manual" });
  await fetchCard();
});

// "Call again" without a moment would be refused: ask for the moment instead.
document.addEventListener("submit", (event) => {
  const when = document.getElementById("call-again");
  if (event.submitter?.value === "call_again" && when && !when.value) {
    event.preventDefault();
    when.focus();
  }
});
