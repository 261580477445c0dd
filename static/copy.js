// Copy buttons and links: of a given text, of what an element shows, or of what the link's address answers.

import { announce } from "./announce.js";

const DONE_MS = 1500;

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(response.status);
  }
  return response.text();
}

async function copy(control) {
  const { copy: text, copyFrom } = control.dataset;
  const source = document.getElementById(copyFrom);
  try {
    await navigator.clipboard.writeText(text ?? source?.textContent ?? (await fetched(control.href)));
  } catch {
    // Without a secure address there is no clipboard: the text is selected, or downloaded.
    if (source) {
      getSelection().selectAllChildren(source);
    } else if (control.href) {
      location.assign(control.href);
    }
    return;
  }
  control.dataset.done = "";
  announce.say("Copied");
  setTimeout(() => delete control.dataset.done, DONE_MS);
}

export function startCopying() {
  document.addEventListener("click", (event) => {
    const control = event.target.closest("[data-copy], [data-copy-from], [data-copy-url]");
    if (control && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      copy(control);
    }
  });
}
