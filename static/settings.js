// What a browser has chosen: theme, list width, keys. With cookies the server renders the page so.

import { at } from "./page.js";

const YEAR_SECONDS = 31_536_000;
const KEY = "callback-inspector:keys";

/** Keeps a choice, or forgets it when it is empty. */
export function remember(name, value) {
  document.cookie = `callback_inspector_${name}=${value}; Path=/; Max-Age=${value ? YEAR_SECONDS : 0}; SameSite=Strict`;
  document.documentElement.dataset[name] = value;
}

export function startSettings() {
  at("theme").addEventListener("submit", (event) => {
    event.preventDefault();
    const { value, form } = event.submitter;
    remember("theme", value === "auto" ? "" : value);
    form.elements.theme.forEach((button) => (button.ariaPressed = button.value === value));
  });
  at("keys").checked = localStorage.getItem(KEY) !== "off";
  at("keys").addEventListener("change", ({ target }) => localStorage.setItem(KEY, target.checked ? "on" : "off"));
}
