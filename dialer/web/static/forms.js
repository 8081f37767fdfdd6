// On every page: nothing decides that was not meant.

// Enter in a field presses a form's first button. Each form begins with one that cannot be pressed, but from
// a list of choices or a time a browser goes on to the next, and that one decides. A log-in is meant by Enter, and
// so is a search: it is sent by POST only so that no name or number stands in an address.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form[method=post]:not([data-enter-sends]) :is(input, select)")) event.preventDefault();
});

// Nor twice: a form pressed again while its answer is on the way would do the same once more.
const ANSWERED_WITHIN_MS = 10_000; // later a press is meant: the first was stopped, or its answer is a file
let pressed = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return; // what a script sends, it looks after itself
  if (event.timeStamp - (pressed.get(form) ?? -ANSWERED_WITHIN_MS) < ANSWERED_WITHIN_MS) event.preventDefault();
  else pressed.set(form, event.timeStamp);
});
window.addEventListener("pageshow", () => { pressed = new WeakMap(); }); // back on a page that was left
