// Shows what each row of a list does, and what chance makes of it, before a campaign is saved.

import { make, number, percent, say, t } from "./build.js";
import { conditions, sayLeft, showRows } from "./list_rows.js";

const WAIT_MS = 250; // after the last key
const FIELDS = ["min_risk", "min_gain", "attribute", "equals", "top", "holdout_share", "explore_share"];
const MANY = ["any_of", "with_left", "not_on"];
const form = document.getElementById("campaign");
const told = document.getElementById("count-told");
const steps = document.getElementById("count-steps");
const exactly = document.getElementById("count-exactly");
let timer = null;
let asked = 0;

const whole = (value) => Math.round(value).toLocaleString();

function asQuery() {
  const query = new URLSearchParams();
  for (const name of FIELDS) if (form.elements[name]?.value) query.set(name, form.elements[name].value);
  for (const [name, value] of new FormData(form)) if (MANY.includes(name) && value.trim()) query.append(name, value);
  for (const line of conditions({ complete: true })) query.append("where", line);
  return query;
}

// The answer to the newest question, or nothing where a later one is under way or it was refused.
async function ask(path) {
  asked += 1;
  const mine = asked;
  let answer;
  try {
    answer = await fetch(`/campaigns/new/${path}?${asQuery()}`);
  } catch {
    say(told, t("Winback cannot be reached: the counts are those of before."));
    return null;
  }
  if (mine !== asked) return null;
  const body = await answer.json();
  if (answer.ok) return body;
  const wrong = body.error.fields[0];
  const called = wrong && (form.elements[wrong.field]?.labels?.[0]?.textContent.trim() ?? wrong.field);
  say(told, wrong ? `${called}: ${wrong.message}` : body.error.message);
  return null;
}

function sayCount(count) {
  for (const name of ["matching", "called", "held_out", "explored", "gain"]) {
    say(document.getElementById(`count-${name}`), whole(count[name]));
  }
  const losing = count.losing ? `${t("The calls to {losing} of them are expected to cost more than they bring.", { losing: whole(count.losing) })} ` : "";
  const already = count.listed_already ? `${t("{listed} of those who match wait on another list.", { listed: whole(count.listed_already) })} ` : "";
  const few = count.measurable ? "" : t("So few are held out that this campaign alone cannot show what calling changes.");
  const shared = count.numbers < count.listed ? `${t("{listed} customers, {numbers} numbers.", { listed: whole(count.listed), numbers: whole(count.numbers) })} ` : "";
  say(told, count.listed ? losing + already + shared + few : t("Nobody would be called."));
}

function cell(text, attributes = {}) {
  return make("td", attributes, text);
}

function saySteps(preview) {
  steps.replaceChildren(
    ...preview.steps.map((step) =>
      make(
        "tr",
        {},
        cell([steps.dataset[step.kind], step.words].filter(Boolean).join(" "), { class: "name-cell" }),
        cell(whole(step.customers), { class: "num", "data-name": t("customers") }),
        cell(whole(step.gain), { class: "num", "data-name": t("gain") }),
        cell(step.customers ? number(step.gain / step.customers, 2) : "–", { class: "num", "data-name": t("of each") }),
      ),
    ),
  );
  sayLeft(preview.steps.filter((step) => step.kind === "condition").map((step) => t("{customers} left, gain {gain}", { customers: whole(step.customers), gain: whole(step.gain) })));
}

function sayFirst(preview) {
  document.getElementById("first").hidden = !preview.first.length;
  document.getElementById("count-first").replaceChildren(
    ...preview.first.map((each) =>
      make(
        "tr",
        {},
        make("td", { class: "name-cell" }, make("a", { href: `/customers/${each.customer}` }, each.name || each.external_id)),
        cell(each.gain === null ? "–" : number(each.gain, 2), { class: "num", "data-name": t("gain") }),
        cell(percent(each.risk, 0), { class: "num", "data-name": t("risk") }),
        cell(each.reasons.join("; ") || "–", { class: "wide" }),
      ),
    ),
  );
}

async function look() {
  const preview = await ask("preview");
  if (preview === null) return;
  sayCount(preview.count);
  saySteps(preview);
  sayFirst(preview);
  document.getElementById("preview").hidden = false;
  exactly.hidden = preview.exact;
  const sample = t("Estimates from {looked_at} of about {customers} customers; the first are those of the sample.", { looked_at: whole(preview.looked_at), customers: whole(preview.customers) });
  say(document.getElementById("count-sample"), preview.exact ? "" : sample);
  form.dataset.counted = String(asked);
}

exactly.addEventListener("click", async () => {
  exactly.disabled = true;
  const count = await ask("count");
  exactly.disabled = false;
  if (count === null) return;
  sayCount(count);
  say(document.getElementById("count-sample"), t("The counts above are of everybody; the rows are estimates."));
});

showRows();
form.addEventListener("input", (event) => {
  if (![...FIELDS, ...MANY, "where"].includes(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
});
look();
