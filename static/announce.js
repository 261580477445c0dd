// What is said aloud, in one polite region: of arrivals never more than a sentence in three seconds.

import { at } from "./page.js";

const GATHER_MS = 3000;
let arrived = 0;

export const announce = {
  say(words) {
    at("said").textContent = words;
  },
  arrivals(count) {
    if (count && !arrived) {
      setTimeout(() => {
        announce.say(`${arrived.toLocaleString("en")} new callback${arrived === 1 ? "" : "s"}`);
        arrived = 0;
      }, GATHER_MS);
    }
    arrived += count;
  },
};
