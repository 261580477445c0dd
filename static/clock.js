// One timer for every relative time on the page. Ages follow the server's clock, which stamped the deliveries.

import { age, moment } from "./format.js";

const skew = Number(document.documentElement.dataset.now) - Date.now();

export function refreshAges(root = document) {
  const now = Date.now() + skew;
  for (const element of root.querySelectorAll("time.age, time.ago")) {
    const words = age((now - Date.parse(element.dateTime)) / 1000);
    if (element.textContent !== words) {
      element.textContent = words;
    }
  }
}

/** Absolute times, in the zone of this machine: known only here. */
export function titleTimes(root = document) {
  for (const element of root.querySelectorAll("time")) {
    if (element.dateTime) {
      element.title = moment(new Date(element.dateTime));
    }
  }
}

export function startClock(onTick) {
  setInterval(() => {
    if (!document.hidden) {
      refreshAges();
      onTick();
    }
  }, 1000);
  document.addEventListener("visibilitychange", () => refreshAges());
}
