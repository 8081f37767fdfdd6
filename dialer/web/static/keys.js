// Keys that decide, and when they rest: a hand that types text must decide nothing.

const REST_MS = 1500; // after a redraw, and after the last key that looked like text
const HOLD_MS = 300; // a key decides only if no other follows at the speed of typing
const SURE_MS = 8000; // for the second press of what shuts a customer out

export class Keys {
  #card;
  #parts;
  #restUntil = 0;
  #wake = null;
  #held = null;

  // Keys press what stands in `card` or in one of the further parts of the page.
  constructor(card, ...parts) {
    this.#card = card;
    this.#parts = [card, ...parts];
    document.addEventListener("keydown", (event) => this.#hear(event));
    card.addEventListener("click", (event) => {
      if (event.detail > 1 && event.target.closest("[data-heavy]")) event.preventDefault(); // a double click is one press
    });
    this.rest();
  }

  rest() {
    clearTimeout(this.#held);
    this.#held = null;
    this.#restUntil = Date.now() + REST_MS;
    this.#card.dataset.resting = "";
    clearTimeout(this.#wake);
    this.#wake = setTimeout(() => delete this.#card.dataset.resting, REST_MS);
  }

  #hear(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "Escape") this.#menu()?.removeAttribute("open");
    if (event.key.length !== 1 || event.key === " ") return;
    if (event.repeat || this.#held !== null || Date.now() < this.#restUntil) {
      this.rest();
      return;
    }
    const digit = /^Digit(\d)$/.exec(event.code);
    const key = event.shiftKey && digit ? `shift+${digit[1]}` : event.key.toLowerCase();
    const field = this.#find(`[data-focus="${CSS.escape(key)}"]`);
    if (field) {
      field.focus();
      event.preventDefault();
    } else if (this.#button(key)) {
      event.preventDefault();
      this.#held = setTimeout(() => {
        this.#held = null;
        this.#button(key)?.click();
      }, HOLD_MS);
    } else {
      this.rest();
    }
  }

  #find(selector) {
    for (const part of this.#parts) {
      const found = part.querySelector(selector);
      if (found) return found;
    }
    return null;
  }

  // While a menu is open, keys are of it and of nothing else.
  #menu() {
    return this.#find("[data-menu][open]");
  }

  #button(key) {
    const menu = this.#menu();
    if (menu) return menu.querySelector(`button[data-pick="${CSS.escape(key)}"]:not(:disabled)`);
    return this.#find(`:is(button, summary)[data-key="${CSS.escape(key)}"]`);
  }
}

// Whether a button was meant: what shuts a customer out, or ends work, takes a second press.
export function meant(button) {
  if (!button?.matches("[data-heavy]")) return true;
  if ("armed" in button.dataset) return true;
  button.dataset.armed = "";
  button.querySelector(".sure").hidden = false;
  setTimeout(() => {
    delete button.dataset.armed;
    button.querySelector(".sure").hidden = true;
  }, SURE_MS);
  return false;
}
