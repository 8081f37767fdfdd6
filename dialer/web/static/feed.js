// Hears one event source, tries again by itself, and says when it has gone quiet.

const QUIET_MS = 5000; // five missed views
const AGAIN_MS = 2000;

export function hear(url, { onView, onQuiet }) {
  let source = null;
  let last = Date.now();
  let quiet = false;

  function open() {
    source = new EventSource(url);
    source.onmessage = (event) => {
      last = Date.now();
      quiet = false;
      onView(JSON.parse(event.data));
    };
    source.onerror = () => {
      // a browser gives up after an error answer; after a lost connection it tries again by itself
      if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    };
  }

  setInterval(() => {
    if (!quiet && Date.now() - last > QUIET_MS) {
      quiet = true;
      onQuiet();
    }
  }, 1000);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
}
