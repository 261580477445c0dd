// Copy buttons: of a given text, of what an element shows, or of a delivery's body.

import { announce } from "./announce.js";

const DONE_MS = 1500;

/** The text that `element` shows, as it was captured: marks for what does not show are left out. */
function textOf(element) {
  if (element.tagName === "TABLE") {
    return [...element.tBodies[0].rows]
      .map((row) => `${textOf(row.cells[0])}: ${textOf(row.cells[1].firstElementChild)}`)
      .join("\n");
  }
  const copied = element.cloneNode(true);
  for (const mark of copied.querySelectorAll(".sign")) {
    mark.remove();
  }
  return copied.textContent;
}

async function bodyText(url) {
  const response = await fetch(url);
  return (await response.json()).body_text;
}

async function copy(button) {
  const { copy: text, copyFrom, copyBody } = button.dataset;
  const source = copyFrom && document.getElementById(copyFrom);
  try {
    await navigator.clipboard.writeText(text ?? (source ? textOf(source) : await bodyText(copyBody)));
  } catch {
    // Without a secure address there is no clipboard: the text is selected, ready to be copied by hand.
    if (source) {
      getSelection().selectAllChildren(source);
    }
    return;
  }
  button.dataset.done = "";
  announce.say("Copied");
  setTimeout(() => delete button.dataset.done, DONE_MS);
}

export function startCopying() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from], [data-copy-body]");
    if (button) {
      copy(button);
    }
  });
}
