// Single keys: silent when switched off, where one types, in dialogs, and with Ctrl, Meta or Alt.

import { announce } from "./announce.js";
import { at, listUrl } from "./page.js";
import { isNarrow } from "./place.js";

/** Keys that press what is on the page anyway. */
const PRESSED = {
  c: "copy-curl", y: "copy-link", n: "note-open", s: "pin-toggle", "#": "delete-open", p: "pause", "?": "help",
  1: "tab-body", 2: "tab-headers", 3: "tab-query", 4: "tab-verification", 5: "tab-reply", 7: "tab-wire",
};

export function startKeys(list, place) {
  let marked = null;
  const entries = () => [...document.querySelectorAll("#rows .entry")];
  const current = () => entries().find((entry) => entry.ariaCurrent || entry === document.activeElement);

  /** Opens the delivery of a row; where there is one pane at a time, the list comes before it. */
  function choose(entry) {
    entry?.focus();
    if (!isNarrow() || place.openId) {
      entry?.click();
    }
  }

  const acts = {
    j: () => choose(entries()[entries().indexOf(current()) + 1]),
    k: () => choose(entries()[entries().indexOf(current()) - 1]),
    async g() {
      await (list.isNewest ? list.showWaiting() : place.go(listUrl()));
      choose(entries()[0]);
    },
    async G() {
      if (!at("oldest").hidden) {
        await place.go(at("oldest").href);
      }
      choose(entries().at(-1));
    },
    "/": () => at("q").select(),
    Escape() {
      if (!isNarrow()) {
        (current() ?? entries()[0])?.focus();
      } else if (place.openId) {
        place.go(listUrl());
      }
    },
    x() {
      document.querySelector(".marked")?.classList.remove("marked");
      marked = place.openId;
      list.row(marked)?.classList.add("marked");
      announce.say(`#${marked} is marked`);
    },
    d() {
      const pair = [marked, place.openId].sort((a, b) => a - b);
      if (marked && pair[0] && pair[0] !== pair[1]) {
        location.assign(`/deliveries/${pair.join("/diff/")}`);
      }
    },
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const isElsewhere = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !at("keys").checked;
    const isSilent = target.closest("input, textarea, select") && !(key === "Escape" && target.id === "q");
    if (isElsewhere || isSilent || document.querySelector("dialog[open], :popover-open")) {
      return;
    }
    const button = at(PRESSED[key]);
    if (button || (list && Object.hasOwn(acts, key))) {
      event.preventDefault();
      button ? button.click() : acts[key]();
    } else if (key === "Enter" && target.matches(".entry[aria-current]")) {
      event.preventDefault();
      at("detail-title").focus();
    }
  });
}
