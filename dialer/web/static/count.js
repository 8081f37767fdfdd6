// Shows how many customers a filter finds, and how many are held out, before a campaign is saved.

import { say, t } from "./build.js";

const WAIT_MS = 250; // after the last key
const FIELDS = ["min_risk", "min_gain", "attribute", "equals", "top", "holdout_share", "explore_share"];
const MANY = ["where", "any_of", "not_on"];
const form = document.getElementById("campaign");
let timer = null;
let asked = 0;

async function count() {
  const told = document.getElementById("count-told");
  if ((form.elements.attribute.value.trim() === "") !== (form.elements.equals.value.trim() === "")) {
    say(told, t("A column and the value it must equal go together."));
    return;
  }
  const query = new URLSearchParams();
  for (const name of FIELDS) if (form.elements[name].value !== "") query.set(name, form.elements[name].value);
  for (const [name, value] of new FormData(form)) if (MANY.includes(name) && value.trim()) query.append(name, value);
  asked += 1;
  const mine = asked;
  const answer = await fetch(`/api/v1/campaigns/count?${query}`);
  if (mine !== asked) return; // a later question is under way
  const body = await answer.json();
  if (!answer.ok) {
    const field = body.error.fields[0];
    say(told, field ? `${field.field}: ${field.message}` : body.error.message);
    return;
  }
  for (const name of ["matching", "called", "held_out", "explored"]) {
    say(document.getElementById(`count-${name}`), body[name].toLocaleString());
  }
  say(document.getElementById("count-gain"), Math.round(body.gain).toLocaleString());
  const losing = body.losing ? `${t("The calls to {losing} of them are expected to cost more than they bring.", { losing: body.losing.toLocaleString() })} ` : "";
  const already = body.listed_already ? `${t("{listed} of those who match wait on another list.", { listed: body.listed_already.toLocaleString() })} ` : "";
  const few = body.measurable ? "" : t("So few are held out that this campaign alone cannot show what calling changes.");
  const shared = body.numbers < body.listed ? `${t("{listed} customers, {numbers} numbers.", { listed: body.listed, numbers: body.numbers })} ` : "";
  say(told, body.listed ? losing + already + shared + few : t("Nobody would be called."));
  form.dataset.counted = String(mine);
}

form.addEventListener("input", (event) => {
  if (![...FIELDS, ...MANY].includes(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(count, WAIT_MS);
});
count();
