// Shows a plan anew while a slider moves: the page itself is asked, and its results put in place.

import { say, t } from "./build.js";

const WAIT_MS = 200; // after the last move
const form = document.getElementById("plan");
const LOWEST_IS_ANY = new Set(["min_risk", "min_gain"]);
let timer = null;
let asked = 0;

document.getElementById("show").hidden = true; // sliders answer by themselves

function query() {
  const typed = new URLSearchParams();
  for (const input of form.querySelectorAll("input[type=range]")) {
    const any = LOWEST_IS_ANY.has(input.name) && input.value === input.min;
    if (!any) typed.set(input.name, input.value);
    say(form.querySelector(`output[for=${input.name}]`), any ? t("any") : input.value);
  }
  return typed;
}

async function show() {
  const typed = query();
  asked += 1;
  const mine = asked;
  const answer = await fetch(`/plan?${typed}`);
  if (mine !== asked || !answer.ok) return; // a later question is under way
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["results", "make"]) document.getElementById(id)?.replaceWith(page.getElementById(id));
  history.replaceState(null, "", `/plan?${typed}`);
  form.dataset.shown = String(mine);
}

form.addEventListener("input", () => {
  query();
  clearTimeout(timer);
  timer = setTimeout(show, WAIT_MS);
});
query();
