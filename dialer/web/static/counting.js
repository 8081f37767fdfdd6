// Puts in place what a long list's page was still counting when it came: the page itself is asked again.

const FIRST_MS = 1000;
const LONGEST_MS = 10_000; // each look waits half as long again as the one before, up to this
const MOST = 20; // times, some three minutes: a count that fails is left to whoever loads the page anew
const PARTS = ["worth", "ranking", "now", "effect"];
let times = 0;

async function look() {
  times += 1;
  try {
    const answer = await fetch(location.href);
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of PARTS) document.getElementById(id)?.replaceWith(page.getElementById(id));
    }
  } catch {
    // Winback cannot be reached just now: what is shown stays, and says of when it is
  }
  if (times < MOST && document.querySelector("[data-counting]")) setTimeout(look, Math.min(LONGEST_MS, FIRST_MS * 1.5 ** times));
}

setTimeout(look, FIRST_MS);
