// What is typed about a talk is kept: at once in this tab, after a pause in the book.

const PAUSE_MS = 800; // after the last key

export class Drafts {
  #urls = new Map(); // by call: where its draft goes
  #timers = new Map();
  #failed = new Set();
  #onReach;
  #tabs = new BroadcastChannel("winback drafts"); // one agent's tabs: what was typed last is meant in all

  // `onReach(reached, askedAt)` is told whether the server could be asked, and when it was.
  constructor(onReach) {
    this.#onReach = onReach;
    this.#tabs.addEventListener("message", ({ data }) => this.#take(data));
    addEventListener("pagehide", () => {
      for (const attempt of this.#timers.keys()) this.#send(attempt, { keepalive: true });
    });
  }

  #name(attempt) {
    return `winback ${location.pathname} ${attempt}`;
  }

  #kept(attempt) {
    return JSON.parse(sessionStorage.getItem(this.#name(attempt)) ?? "null");
  }

  keep(form) {
    const { attempt, note, call_again_at } = form.elements;
    this.#urls.set(attempt.value, form.dataset.draft);
    const typed = { note: note.value, call_again_at: call_again_at.value };
    sessionStorage.setItem(this.#name(attempt.value), JSON.stringify(typed));
    this.#tabs.postMessage({ name: this.#name(attempt.value), ...typed });
    clearTimeout(this.#timers.get(attempt.value));
    this.#timers.set(attempt.value, setTimeout(() => this.#send(attempt.value), PAUSE_MS));
  }

  // Shows what another tab has, which sends it.
  #take({ name, ...typed }) {
    for (const form of document.querySelectorAll('form[data-draft]:not([data-draft=""])')) {
      const { attempt, note, call_again_at } = form.elements;
      if (this.#name(attempt.value) !== name) continue;
      clearTimeout(this.#timers.get(attempt.value));
      this.#timers.delete(attempt.value);
      sessionStorage.setItem(name, JSON.stringify({ ...typed, saved: true }));
      note.value = typed.note;
      call_again_at.value = typed.call_again_at;
    }
  }

  // The word is said: nothing waits any more.
  drop(attempt) {
    clearTimeout(this.#timers.get(attempt));
    this.#timers.delete(attempt);
    this.#failed.delete(attempt);
    sessionStorage.removeItem(this.#name(attempt));
  }

  // Puts what the book does not have yet back into a form.
  restore(form) {
    const kept = this.#kept(form.elements.attempt.value);
    if (!kept) return;
    const { note, call_again_at } = form.elements;
    if (kept.saved && (note.value || call_again_at.value)) return; // the book's is as new, or another tab's is newer
    for (const field of [note, call_again_at]) {
      if (field.value !== kept[field.name]) field.value = kept[field.name];
    }
    if (kept.saved && !note.value && !call_again_at.value) return;
    if (!this.#timers.has(form.elements.attempt.value)) this.keep(form);
  }

  // Sends again what could not be sent.
  again() {
    for (const attempt of this.#failed) this.#send(attempt);
  }

  async #send(attempt, options = {}) {
    const kept = this.#kept(attempt);
    if (!kept) return;
    const body = new URLSearchParams({ attempt, note: kept.note, call_again_at: kept.call_again_at });
    const askedAt = performance.now();
    try {
      const answer = await fetch(this.#urls.get(attempt), { method: "POST", body, headers: { accept: "application/json" }, ...options });
      this.#onReach(true, askedAt);
      if (answer.status === 404 || answer.status === 409) {
        this.drop(attempt); // the word is said, or it is nobody's any more
        return;
      }
      if (!answer.ok) {
        this.#failed.add(attempt);
        return;
      }
      if (JSON.stringify(this.#kept(attempt)) !== JSON.stringify(kept)) return; // typed on meanwhile
      clearTimeout(this.#timers.get(attempt));
      this.#timers.delete(attempt);
      this.#failed.delete(attempt);
      // kept on: a page that was asked for before the book had it is drawn without it
      sessionStorage.setItem(this.#name(attempt), JSON.stringify({ ...kept, saved: true }));
    } catch {
      this.#failed.add(attempt);
      this.#onReach(false, askedAt);
    }
  }
}
