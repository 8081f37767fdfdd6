// Puts in place what a long list's page was still counting when it came: the page itself is asked again.

const AGAIN_MS = 1000;
const MOST = 30; // times: a count that takes longer, or fails, is left to whoever loads the page anew
const PARTS = ["worth", "ranking", "now"];
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
  if (times < MOST && document.querySelector("[data-counting]")) setTimeout(look, AGAIN_MS);
}

setTimeout(look, AGAIN_MS);
