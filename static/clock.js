// Relative times, by the server's clock, which stamped the deliveries.

import { age } from "./format.js";

const skew = Number(document.documentElement.dataset.now) - Date.now();

export function refreshAges() {
  for (const element of document.querySelectorAll("time.age, time.ago")) {
    const words = age((Date.now() + skew - Date.parse(element.dateTime)) / 1000);
    if (element.textContent !== words) {
      element.textContent = words;
    }
  }
}

export function startClock() {
  setInterval(() => document.hidden || refreshAges(), 1000);
}
