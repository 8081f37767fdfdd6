// An agent's page: shows its card again when the agent's facts change, and loses nothing that was typed.

import { clock, say, t } from "./build.js";
import { Drafts } from "./drafts.js";
import { hear } from "./feed.js";
import { Keys, meant } from "./keys.js";

const card = document.getElementById("agent-card");
const link = document.getElementById("link");
const unsent = document.getElementById("unsent");
const here = `/agents/${encodeURIComponent(card.dataset.agent)}`;
const drafts = new Drafts(tellReach);
const phone = document.getElementById("phone"); // where this page is the agent's phone
const keys = new Keys(card, ...(phone ? [phone] : []));
const changedByHand = new Set(); // fields that save themselves, and have not yet
let ahead = 0;
let newest = ""; // the last mark that was heard
let asked = 0; // of two answers under way, the later question's is shown
let fetching = false;
let sending = false;
let agreedBy = null; // the word under which another call is being agreed on
let lostAt = -Infinity; // when the server was last found out of reach, by the page's own clock

const shownMark = () => card.querySelector("[data-mark]").dataset.mark;

function tellLink(state, text) {
  link.className = `pill is-${state}`;
  say(link, text);
}

function tellUnsent(text) {
  say(unsent, text);
  unsent.hidden = !text;
}

// What was asked before the link was lost may still be answered, and says nothing of the link now.
function tellReach(reached, askedAt = performance.now()) {
  if (reached && askedAt < lostAt) return;
  if (!reached) lostAt = performance.now();
  tellUnsent(reached ? "" : t("Winback cannot be reached. Nothing was sent; what you typed stays here."));
}

// A field by what it is about, wherever on the page it stands.
function nameOf(field) {
  const attempt = field.form?.elements.attempt?.value;
  return attempt ? `${field.form.action} ${attempt} ${field.name}` : `#${field.id}`;
}

// Whatever can have the focus, by what it does.
function deedOf(element) {
  if (element.matches("summary")) return `summary ${element.parentElement.id}`;
  if (element.matches("a")) return `link ${element.href}`;
  if (element.matches("button")) return `button ${element.form?.action} ${element.form?.elements.attempt?.value} ${element.name} ${element.value} ${element.dataset.pick}`;
  return nameOf(element);
}

const typedIn = (root) => [...root.querySelectorAll("[data-draft] :is(textarea, input[type=datetime-local])")];

// Puts a fresh card in place. What an agent has typed stays, and so does the cursor.
function show(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const source = fresh.getElementById("agent-card") ?? fresh.body;
  if (!source.querySelector("[data-mark]")) {
    tellUnsent(fresh.querySelector("h1")?.textContent ?? t("That did not work."));
    return;
  }
  const focused = card.contains(document.activeElement) ? document.activeElement : null;
  const focusedOn = focused ? deedOf(focused) : null;
  const typed = new Map(
    typedIn(card)
      .filter((field) => field === focused || field.value !== field.defaultValue)
      .map((field) => [nameOf(field), field]),
  );
  const chosen = [...card.querySelectorAll("select, input[type=time], input[type=search], [data-stays]")].map((field) => [field.id, field.value]);
  const open = [...card.querySelectorAll("details[open]")].map((details) => details.id);
  const kept = [...card.querySelectorAll("[data-kept]")].filter((part) => part.textContent.trim());
  card.replaceChildren(...source.childNodes);
  for (const part of kept) {
    const now = document.getElementById(part.id);
    if (now && !now.textContent.trim()) now.replaceWith(part); // what was found stays until something else is
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const field of typedIn(card)) {
    const old = typed.get(nameOf(field));
    if (!old) continue;
    old.id = field.id;
    field.closest("details")?.setAttribute("open", "");
    field.replaceWith(old);
  }
  for (const [id, value] of chosen) {
    const field = document.getElementById(id);
    if (field && card.contains(field) && (!field.matches("[data-stays]") || changedByHand.has(id))) field.value = value;
  }
  for (const form of card.querySelectorAll(`form[data-draft]:not([data-draft=""])`)) drafts.restore(form);
  if (focusedOn !== null) {
    const now = [...card.querySelectorAll("input, select, textarea, button, summary, a")].find((each) => deedOf(each) === focusedOn);
    (now ?? card).focus({ preventScroll: now === undefined }); // what is gone leaves the focus on the card, not at the top of the page
  }
  keys.rest();
  tick();
  speak();
}

// What a screen reader is told when the card was drawn anew: the agent's state, what became of what they did,
// and who is on the card; each only when it changes, and nothing else of it.
function speak() {
  const told = [...card.querySelectorAll(".head .pill, .banner:not([role=alert]) > span, .who")];
  say(document.getElementById("spoken"), told.map((part) => part.textContent.trim().replace(/\s+/g, " ")).join(". "));
}

async function fetchCard() {
  if (fetching || sending) return;
  fetching = true;
  asked += 1;
  const mine = asked;
  const heard = newest;
  try {
    const answer = await fetch(`${here}/card`);
    const text = await answer.text();
    const pressed = card.matches(":active"); // a button that is replaced under a hand is not clicked; the next second asks again
    if (answer.ok && mine === asked && !pressed) show(text);
  } catch {
    tellReach(false);
  } finally {
    fetching = false;
  }
  if (newest !== heard && newest !== shownMark()) fetchCard(); // what changed meanwhile does not wait for the next second
}

function tick() {
  const now = Date.now() + ahead;
  for (const element of card.querySelectorAll("time[data-since]")) {
    say(element, clock((now - Date.parse(element.dataset.since)) / 1000));
  }
  for (const element of card.querySelectorAll("time[data-until]")) {
    say(element, clock((Date.parse(element.dataset.until) - now) / 1000));
  }
  for (const element of card.querySelectorAll("[data-ends]")) {
    if (Date.parse(element.dataset.ends) <= now) element.remove();
  }
}

hear(`${here}/events`, {
  onView(view) {
    if (view.fault) {
      tellLink("bad", t("no database"));
      return;
    }
    ahead = Date.parse(view.now) - Date.now();
    tellLink({ up: "up", asking: "warn" }[view.engine] ?? "bad", t(view.label));
    drafts.again();
    for (const id of changedByHand) {
      const field = document.getElementById(id);
      if (field && field !== document.activeElement) save(field.form);
    }
    newest = view.mark;
    if (newest !== shownMark()) fetchCard();
  },
  onQuiet() {
    tellLink("bad", t("page is stale"));
  },
});
setInterval(tick, 1000);
tick();
for (const form of card.querySelectorAll(`form[data-draft]:not([data-draft=""])`)) drafts.restore(form);

card.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches(`[data-draft]:not([data-draft=""])`)) drafts.keep(form);
});

// The button that agrees on another call: the one that asked when, else the first.
function againIn(form) {
  const buttons = [...form.querySelectorAll("button[data-means=call_again]")];
  return buttons.find((button) => button.value === agreedBy) ?? buttons[0];
}

// A word is said from within its note by its digit with both hands: what is typed goes with it.
card.addEventListener("keydown", (event) => {
  const digit = /^Digit(\d)$/.exec(event.code);
  if (!digit || !event.ctrlKey || !event.shiftKey || event.repeat || !event.target.form?.matches(".words")) return;
  const word = event.target.form.querySelector(`button[data-key$="${digit[1]}"]`);
  if (!word) return;
  event.preventDefault();
  word.click();
});

// Enter decides nothing by itself; in a field that belongs to one button it presses that one.
card.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !field.form) return;
  if (field.matches("[data-press]")) {
    event.preventDefault();
    field.form.querySelector("button:not([disabled])").click();
    return;
  }
  const when = field.form.querySelector("[data-enter]");
  const press = () => againIn(field.form).click();
  if (field.matches("input") && field === when) {
    event.preventDefault();
    press();
  } else if (field.matches("textarea") && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (when?.value) press();
    else field.blur(); // the note is kept, and the keys of the words work again
  }
});

// A usual time is agreed on by one press: it fills the field, and says the word.
card.addEventListener("click", (event) => {
  const chip = event.target.closest("button[data-at]");
  if (!chip) return;
  const when = chip.form.elements.call_again_at;
  chip.closest("[data-menu]").open = false;
  if (!chip.dataset.at) {
    when.focus();
    return;
  }
  when.value = chip.dataset.at;
  drafts.keep(chip.form);
  againIn(chip.form).click();
});

// A line to remember saves itself when its field is left; what could not be sent is tried again.
async function save(form) {
  const field = form.elements.words;
  const said = field.value;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    if (!answer.ok && answer.status < 500) tellUnsent((await answer.json()).error?.message ?? t("That did not work."));
    if (answer.status < 500) {
      if (field.value === said) changedByHand.delete(field.id);
      field.defaultValue = said;
    }
  } catch {
    tellReach(false);
  }
}

card.addEventListener("input", (event) => {
  if (event.target.matches("[data-stays]")) changedByHand.add(event.target.id);
});
card.addEventListener("change", (event) => {
  if (event.target.form?.matches("[data-saves]")) save(event.target.form);
});

// The whole number is shown for a moment, where it was asked for.
async function showNumber(form) {
  const { id } = form.querySelector("output"); // the card may be drawn anew meanwhile, or be another customer's
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
  const told = await answer.json();
  const shown = document.getElementById(id);
  if (shown) say(shown, answer.ok ? told.number || t("withheld") : (told.error?.message ?? t("That did not work.")));
}

// The agent's own day: read with the page, and again when a word is in, but not every second.
const day = document.getElementById("my-day");
const DAY_MS = 60_000;
let dayRead = 0;

async function readDay() {
  if (!day || Date.now() - dayRead < DAY_MS) return;
  dayRead = Date.now();
  try {
    const answer = await fetch(day.dataset.url);
    if (answer.ok) day.innerHTML = await answer.text();
  } catch {
    // it is no call; the next look reads it
  }
}

day?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, event.submitter));
  try {
    const answer = await fetch(event.target.action, { method: "POST", body, headers: { accept: "text/html" } });
    if (answer.ok) day.innerHTML = await answer.text();
  } catch {
    tellReach(false);
  }
});
readDay();

// Everything is sent without leaving the page, so that no answer, and none at all, costs what was typed.
card.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  event.preventDefault();
  if (form.matches("[data-saves]")) {
    save(form);
    return;
  }
  if (form.matches("[data-shows]")) {
    showNumber(form).catch(() => tellReach(false));
    return;
  }
  const when = form.elements.call_again_at;
  if (submitter?.matches("[data-means=call_again]") && when && !when.value) {
    const menu = form.querySelector("[data-menu]");
    agreedBy = submitter.value;
    if (menu) {
      menu.open = true; // its keys are digits, so that another call is agreed on in two keys
      menu.scrollIntoView({ block: "nearest" });
    } else {
      form.closest("details")?.setAttribute("open", "");
      when.focus(); // without a moment it would be refused
    }
    return;
  }
  if (sending || !meant(submitter)) return;
  submitter?.closest("[data-menu]")?.removeAttribute("open");
  sending = true;
  asked += 1;
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
    const text = await answer.text();
    if (answer.ok && form.matches("[data-draft]")) {
      drafts.drop(form.elements.attempt.value);
      for (const field of form.querySelectorAll("textarea, input")) field.defaultValue = field.value;
    }
    tellReach(true);
    show(text);
    // a moment that was refused: the digit of a usual one comes next, and must be no other word
    if (!answer.ok && submitter?.matches("[data-means=call_again]")) document.getElementById(`times-${form.elements.attempt.value}`)?.setAttribute("open", "");
    readDay();
  } catch {
    tellReach(false);
  } finally {
    sending = false;
  }
});
