// The page's composition root.

import { startAsking } from "./asking.js";
import { startClock } from "./clock.js";
import { startCopying } from "./copy.js";
import { Deliveries } from "./deliveries.js";
import { startNotifying } from "./notify.js";
import { startSettings } from "./settings.js";

startCopying();
startAsking();
startSettings();
startNotifying();

// A secret came as the answer to a form: a reload is not to send that again.
const once = document.querySelector("[data-replace]");
if (once) {
  history.replaceState(null, "", once.dataset.replace);
}

new Deliveries();
startClock();
