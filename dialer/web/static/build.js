// Builds elements. Text only ever enters the page as text: there is no innerHTML anywhere.

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function mark(name) {
  return draw("svg", { class: "mark", "aria-hidden": "true" }, draw("use", { href: `/static/marks.svg#${name}` }));
}

// A lying bar of `share` (0..1), as SVG: its width is an attribute, so no style is written.
export function bar(share, label) {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return draw(
    "svg",
    { class: "chances", viewBox: "0 0 100 6", preserveAspectRatio: "none", role: "img", "aria-label": label },
    draw("rect", { width: 100, height: 6, rx: 3, fill: "currentColor", opacity: 0.18 }),
    draw("rect", { width, height: 6, rx: 3, fill: "currentColor" }),
  );
}

// What this page's language has for our messages; nothing on an English page, whose words stand in the scripts.
const spoken = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const language = document.documentElement.lang || "en";

// A fact of a right-to-left script is set apart, or a number beside it would change sides.
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const apart = (fact) => (typeof fact === "string" && RIGHT_TO_LEFT.test(fact) ? `\u2068${fact}\u2069` : fact);

const fill = (message, facts) => message.replace(/\{(\w+)\}/g, (whole, name) => apart(facts[name] ?? whole));

// A message in the page's language; facts stand in it as {name}.
export const t = (message, facts = {}) => fill(spoken[message] || message, facts);

// The same by a number, which is the fact {num}.
export function tn(one, many, num, facts = {}) {
  const [of1, ofMany] = spoken[one] ?? [one, many];
  return fill(num === 1 ? of1 : ofMany, { num, ...facts });
}

// A stored word as people write it; what the page's language has no word for stays as it is.
export const words = (word) => t(String(word).replaceAll("_", " "));

export const number = (value, digits = 0) => (language === "en" ? value.toFixed(digits) : value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }));

export const percent = (share, digits = 1) =>
  share === null || share === undefined ? "–" : `${number(share * 100, digits)} %`;

// 0:42, 3:07, 1:02:09: a clock that a glance can read
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${hours ? two(Math.floor((whole % 3600) / 60)) : Math.floor(whole / 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

// Puts `text` there only if it is new, so that screen readers and selections are left in peace.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
