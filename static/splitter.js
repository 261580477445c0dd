// The line between list and detail, moved by pointer or arrow keys in whole rem.

import { at } from "./page.js";
import { remember } from "./settings.js";

export function startSplitter() {
  const line = at("splitter");
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = () => Math.round(at("list").offsetWidth / rem);

  function move(to) {
    line.ariaValueNow = Math.min(Math.max(Math.round(to), line.ariaValueMin), line.ariaValueMax);
    remember("list", line.ariaValueNow);
  }

  line.ariaValueNow = width();
  line.addEventListener("pointerdown", ({ pointerId }) => line.setPointerCapture(pointerId));
  line.addEventListener("pointermove", ({ pointerId, clientX }) => line.hasPointerCapture(pointerId) && move(clientX / rem));
  line.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: width() - 1, ArrowRight: width() + 1, Home: 0, End: Infinity }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    }
  });
}
