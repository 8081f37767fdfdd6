// Hears one event source, tries again by itself, and says when it has gone quiet.

const QUIET_MS = 5000; // five missed views
const AGAIN_MS = 2000;

// `url` may be a function of the last event's id: for a stream that sends only what changed.
export function hear(url, { onView, onQuiet }) {
  let source = null;
  let last = Date.now();
  let quiet = false;
  let lastId = "";

  function open() {
    source = new EventSource(typeof url === "function" ? url(lastId) : url);
    source.onmessage = (event) => {
      last = Date.now();
      quiet = false;
      lastId = event.lastEventId;
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
