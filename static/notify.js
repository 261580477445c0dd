// Desktop notifications: switched on by hand, only while the page is hidden, without anything of a body.

import { at } from "./page.js";

const KEY = "callback-inspector:notify";

export function startNotifying() {
  const toggle = at("notify");
  toggle.checked = localStorage.getItem(KEY) === "on" && window.Notification?.permission === "granted";
  toggle.addEventListener("change", async () => {
    if (toggle.checked && (await window.Notification?.requestPermission()) !== "granted") {
      toggle.checked = false;
      toggle.nextElementSibling.textContent = "this browser does not allow them for this page";
    }
    localStorage.setItem(KEY, toggle.checked ? "on" : "off");
  });
}

/** Tells of the last of what arrived; all share one notification. */
export function notify(summaries) {
  if (document.hidden && summaries.length && at("notify").checked) {
    const { method, path, verification } = summaries.at(-1);
    const body = `${method} ${path.split("?")[0].slice(0, 100)}: ${verification.status}`;
    new Notification("Callback Inspector", { body, tag: KEY }).onclick = () => window.focus();
  }
}
