// What happens in place in the detail pane: forms are posted, further windows of a body loaded, values folded.

import { isPlain, loadPage } from "./page.js";

/** Whether someone is at work in the pane, and would lose something if it were exchanged. */
export const isBusy = () =>
  document.querySelector("#detail :is(:popover-open, dialog[open], input:focus, textarea:focus, select:focus)") !== null;

/** `place.takePane` shows what the server answers. */
export function startDetail(place) {
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.matches("[data-in-place]")) {
      event.preventDefault();
      const fields = new URLSearchParams(new FormData(form, submitter));
      loadPage(form.action, "detail", fields).then((page) => place.takePane(page), () => location.reload());
    }
  });
  const click = (event) => {
    const link = event.target.closest("[data-window] [data-more]");
    if (link && isPlain(event)) {
      event.preventDefault();
      loadPage(link.href, "detail").then(
        (page) => link.closest("[data-window]").replaceWith(...page.getElementById("window").children),
        () => location.assign(link.href),
      );
    }
    const button = event.target.closest("[data-fold]");
    if (button) {
      const values = [...document.querySelectorAll(".tree details details")];
      const opens = !values.some((value) => value.open);
      values.forEach((value) => (value.open = opens));
      button.textContent = opens ? "Fold all" : "Unfold all";
    }
  };
  document.addEventListener("toggle", ({ target, newState }) => {
    if (newState === "open" && target.popover) {
      target.querySelector("input, textarea, a")?.focus();
    }
  }, true);
  // Before the links are followed that lead to another view of the delivery.
  document.addEventListener("click", click, true);
}
