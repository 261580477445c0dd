// The filter as one types. What is typed in one go is one step of the browser's history.

import { at } from "./page.js";

const WAIT_MS = 250;

export function startFilter(place) {
  const field = at("q");
  let timer;
  let typing = false;

  function apply() {
    clearTimeout(timer);
    const url = new URL(location);
    const q = field.value.trim();
    if (q !== (url.searchParams.get("q") ?? "")) {
      url.searchParams.set("q", q);
      ["before", "after", ...(q ? [] : ["q"])].forEach((name) => url.searchParams.delete(name));
      history[typing ? "replaceState" : "pushState"](null, "", url);
      typing = true;
      place.show();
    }
  }

  function finish(event) {
    event.preventDefault();
    apply();
    typing = false;
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, WAIT_MS);
  });
  field.addEventListener("change", finish);
  at("filter").addEventListener("submit", finish);
}
