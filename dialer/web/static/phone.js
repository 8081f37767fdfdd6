// The agent's page as their phone: what its buttons do, what it says, and how it calls attention.

import { clock, make, say, t, words } from "./build.js";
import { Line } from "./phone_line.js";
import { Sound } from "./phone_sound.js";

const root = document.getElementById("phone");
const part = (name) => document.getElementById(`phone-${name}`);
const button = (does) => root.querySelector(`[data-does="${does}"]`);
const METER_MS = 100;
const CHOSEN = "winback sound"; // this browser's devices
const TOLD = { up: ["up", words("ready")], down: ["bad", t("not connected, trying again")], refused: ["bad", t("refused by Asterisk")] };

const sound = new Sound();
const title = document.title;
let line = null;
let phone = null;
let fault = ""; // said until the next press
let shown = null; // the notification of the call that rings

function told(state) {
  const [look, text] = TOLD[state];
  part("state").className = `pill is-${look}`;
  say(part("state"), text);
}

function fail(error) {
  const denied = error?.name === "NotAllowedError";
  fault = denied ? t("The browser does not let this page use the microphone.") : (error?.message ?? t("That did not work."));
  say(part("says"), fault);
}

// Title, sound and a notification while somebody rings.
function attract(call) {
  document.title = call ? `☎ ${call.who} · ${title}` : title;
  sound.ring(Boolean(call));
  if (!call) {
    shown?.close();
    shown = null;
  } else if (!shown && "Notification" in window && Notification.permission === "granted" && document.hidden) {
    shown = new Notification(t("Your phone rings"), { body: call.who, tag: "winback-phone" });
    shown.onclick = () => window.focus();
  }
}

function changed() {
  const { calls, ringing, current } = line;
  const talking = current?.state === "talking";
  part("calls").replaceChildren(
    ...calls.map((call) =>
      make(
        "li",
        { class: "row" },
        make("span", { class: `pill is-${call.state === "held" ? "paused" : call.state}` }, words(call.state)),
        make("b", {}, call.who),
        make("time", { role: "timer", "aria-live": "off", "data-began": call.since }),
      ),
    ),
  );
  part("calls").hidden = !calls.length;
  say(part("says"), ringing ? t("{who} rings", { who: ringing.who }) : line.joined ? t("All three talk together") : fault);
  button("answer").disabled = !ringing;
  button("hang-up").disabled = !calls.length;
  button("hold").disabled = !current || current.state === "calling";
  button("hold").setAttribute("aria-pressed", String(current?.state === "held"));
  button("mute").setAttribute("aria-pressed", String(line.muted));
  button("through").disabled = !(calls.some((call) => call.ours && call.state === "talking") && calls.some((call) => call.state === "held"));
  button("join").disabled = line.joined || !(talking && calls.some((call) => call.state === "held"));
  for (const does of ["send", "ask"]) button(does).disabled = !talking;
  part("tones").disabled = !talking;
  for (const key of root.querySelectorAll("[data-tone]")) key.disabled = !talking;
  attract(ringing);
}

function target() {
  const number = part("number")?.value.replace(/[^+\d]/g, "");
  if (number) return [number, number];
  const queue = part("queue").value;
  return [`${phone.to_queue}${queue}`, queue];
}

const acts = {
  answer: () => line.answer(),
  "hang-up": () => line.hangUp(),
  hold: () => line.hold(),
  mute: () => line.mute(),
  send: () => line.sendOn(target()[0]),
  ask: () => line.call(...target()),
  through: () => line.putThrough(),
  join: () => line.join(),
  echo: () => line.call(phone.echo, t("Echo test")),
  notify: () => Notification.requestPermission().then(() => showNotify()),
};

root.addEventListener("click", async (event) => {
  const pressed = event.target.closest("[data-does], [data-tone]");
  if (!pressed || !line) return;
  fault = "";
  try {
    await sound.wake();
    if (pressed.dataset.tone) await line.press(pressed.dataset.tone);
    else await acts[pressed.dataset.does]();
  } catch (error) {
    fail(error);
  }
});

part("tones").addEventListener("input", async (event) => {
  for (const tone of event.data ?? "") if (/[\d*#]/.test(tone)) await line.press(tone).catch(fail);
});

function showNotify() {
  button("notify").hidden = !("Notification" in window) || Notification.permission !== "default";
}

// Which microphone and which speaker; remembered in this browser.
async function showDevices() {
  const { microphones, speakers } = await sound.devices();
  const chosen = JSON.parse(localStorage.getItem(CHOSEN) ?? "{}");
  for (const [name, found] of [["microphone", microphones], ["speaker", speakers]]) {
    const options = found.map((each) => make("option", { value: each.deviceId }, each.label || words(name)));
    part(name).replaceChildren(...options);
    if (found.some((each) => each.deviceId === chosen[name])) part(name).value = chosen[name];
    part(name).disabled = !found.length;
  }
}

async function choose(name, device) {
  const chosen = JSON.parse(localStorage.getItem(CHOSEN) ?? "{}");
  localStorage.setItem(CHOSEN, JSON.stringify({ ...chosen, [name]: device }));
  if (name === "microphone") await sound.open(device);
  else sound.playOn(device);
}

for (const name of ["microphone", "speaker"]) {
  part(name).addEventListener("change", (event) => choose(name, event.target.value).catch(fail));
}

async function openSound() {
  const chosen = JSON.parse(localStorage.getItem(CHOSEN) ?? "{}");
  await sound.open(chosen.microphone).catch(() => sound.open()); // a headset may be unplugged today
  if (chosen.speaker) sound.playOn(chosen.speaker);
  await showDevices();
}

setInterval(() => {
  if (part("sound").open) part("meter").value = sound.level();
}, METER_MS);
setInterval(() => {
  for (const time of part("calls").querySelectorAll("time")) say(time, clock((Date.now() - time.dataset.began) / 1000));
}, 1000);
navigator.mediaDevices?.addEventListener("devicechange", () => showDevices());
document.addEventListener("keydown", () => sound.wake(), { once: true });
addEventListener("beforeunload", (event) => {
  if (line?.calls.length) event.preventDefault(); // a page that goes takes its call with it
});
addEventListener("pagehide", () => line?.stop());

async function start() {
  const answer = await fetch(root.dataset.url);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error?.message);
  phone = said;
  part("queue").replaceChildren(...phone.queues.map((queue) => make("option", {}, queue)));
  part("to-number").hidden = !phone.numbers;
  line = new Line(phone, sound, { told, changed });
  changed();
  showNotify();
  if (!navigator.mediaDevices) throw new Error(t("A browser gives the microphone to pages over https only."));
  await openSound().catch(fail);
  await line.start();
}

start().catch((error) => {
  told("down");
  fail(error);
});
