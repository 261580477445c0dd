// The page's composition root: which modules run, and what passes between them.

import { startClock, titleTimes } from "./clock.js";
import { startCopying } from "./copy.js";
import { Deliveries } from "./deliveries.js";
import { startMenus } from "./menus.js";
import { startThemes } from "./theme.js";

startCopying();
startMenus();
startThemes();
titleTimes();

// A secret that is shown once came as the answer to a form: a reload is to show the endpoint, not to send that again.
const once = document.querySelector("[data-replace]");
if (once) {
  history.replaceState(null, "", once.dataset.replace);
}

const deliveries = document.getElementById("live") ? new Deliveries() : null;
startClock(() => deliveries?.list?.tick());
