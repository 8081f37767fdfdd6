// A list's conditions as rows over the lines that are sent: the lines stay the truth, with or without this.

import { t } from "./build.js";

const LINE = /^\s*(.+?)(?:\s*(>=|<=|!=|=|<|>)\s*(.+?)|\s+(changed in last|not in last|in last|in next)\s+(\d+)(?:\s+days?)?)\s*$/;
const OF_DAYS = ["in next", "in last", "not in last", "changed in last"];

const lines = document.getElementById("where");
const rows = document.getElementById("conditions");
const pattern = document.getElementById("condition");
const names = document.getElementById("column-names");
const values = document.getElementById("column-values");

const part = (row, name) => row.querySelector(`[data-part="${name}"]`);
const known = (column) => [...names.options].find((option) => option.value.toLowerCase() === column.trim().toLowerCase());

function written(row) {
  const [column, sign, value] = ["column", "sign", "value"].map((name) => part(row, name).value.trim());
  if (!column && !value) return "";
  return OF_DAYS.includes(sign) ? `${column} ${sign} ${value} days` : `${column} ${sign} ${value}`;
}

// What the lines would be; `complete`: without rows that are still being written.
export function conditions({ complete = false } = {}) {
  return [...rows.children]
    .filter((row) => !complete || (part(row, "column").value.trim() && part(row, "value").value.trim()))
    .map(written)
    .filter(Boolean);
}

// Says behind each complete row who is left after it.
export function sayLeft(texts) {
  const told = [...texts];
  for (const row of rows.children) {
    const complete = part(row, "column").value.trim() && part(row, "value").value.trim();
    part(row, "left").textContent = (complete && told.shift()) || "";
  }
}

// A fact of Winback's own goes with few comparisons.
function fit(row) {
  const option = known(part(row, "column").value);
  const allowed = option?.dataset.signs?.split("|");
  const sign = part(row, "sign");
  for (const each of sign.options) each.hidden = each.disabled = Boolean(allowed) && !allowed.includes(each.value);
  if (sign.selectedOptions[0]?.disabled) sign.value = allowed[0];
  const days = OF_DAYS.includes(sign.value);
  part(row, "value").inputMode = days ? "numeric" : "text";
  part(row, "value").placeholder = days ? "30" : "A | B, 60, 2026-12-31";
}

function offerValues(row) {
  const told = OF_DAYS.includes(part(row, "sign").value) ? [] : JSON.parse(known(part(row, "column").value)?.dataset.values ?? "[]");
  values.replaceChildren(
    ...told.map((each) => {
      const [value, count] = Array.isArray(each) ? each : [each, ""];
      const option = new Option(count === "" ? "" : t("{count} of 500", { count }), value);
      return option;
    }),
  );
}

function add(line = "") {
  const row = pattern.content.firstElementChild.cloneNode(true);
  const [, column = line, sign, value, when, days] = LINE.exec(line) ?? [];
  part(row, "column").value = column;
  part(row, "sign").value = sign ?? when ?? "=";
  part(row, "value").value = value ?? days ?? "";
  rows.append(row);
  fit(row);
  return row;
}

function changed() {
  lines.value = conditions().join("\n");
  lines.dispatchEvent(new Event("input", { bubbles: true }));
}

export function showRows() {
  for (const line of lines.value.split("\n").filter((each) => each.trim())) add(line);
  if (!rows.children.length) add();
  lines.hidden = true;
  document.getElementById("one-a-line").hidden = true; // that is how lines are written
  rows.hidden = document.getElementById("add-condition").hidden = false;
  document.getElementById("add-condition").addEventListener("click", () => part(add(), "column").focus());
  rows.addEventListener("input", (event) => {
    event.stopPropagation();
    fit(event.target.closest(".condition"));
    changed();
  });
  rows.addEventListener("focusin", (event) => {
    if (event.target.dataset.part === "value") offerValues(event.target.closest(".condition"));
  });
  rows.addEventListener("click", (event) => {
    if (event.target.dataset.part !== "remove") return;
    const row = event.target.closest(".condition");
    const next = row.nextElementSibling ?? row.previousElementSibling ?? add();
    row.remove();
    part(next, "column").focus();
    changed();
  });
}
