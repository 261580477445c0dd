// Links that ask before they act do so in a dialog.

import { at, isPlain, loadPage } from "./page.js";

export function startAsking() {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && isPlain(event)) {
      event.preventDefault();
      const page = await loadPage(link.href).catch(() => location.assign(link.href));
      at("asked").replaceChildren(...page.getElementById("ask").childNodes);
      at("asked").showModal();
    } else if (event.target.closest("dialog [data-close]")) {
      event.preventDefault();
      at("asked").close();
    }
  });
}
