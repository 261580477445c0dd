// What is said aloud: one polite region for the whole page, and never more than one sentence in three seconds.

import { plural } from "./format.js";

const EVERY_MS = 3000;
let arrived = 0;
let timer = null;

function say(words) {
  document.getElementById("said").textContent = words;
}

function sayArrivals() {
  timer = null;
  if (arrived > 0) {
    say(plural(arrived, "new callback"));
    arrived = 0;
    timer = setTimeout(sayArrivals, EVERY_MS);
  }
}

export const announce = {
  say,
  arrivals(count) {
    arrived += count;
    timer ??= setTimeout(sayArrivals, 250);
  },
};
