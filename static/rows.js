// Rows made of the API's summaries: a template is cloned and its text filled in, so that nothing captured is ever
// read as markup.

import { moment, size, splitPath, VERDICTS } from "./format.js";

/** A new row for a delivery's summary. */
export function makeRow(summary) {
  const row = document.getElementById("row-template").content.firstElementChild.cloneNode(true);
  fillRow(row, summary);
  return row;
}

/** Puts what `summary` says into `row`. */
export function fillRow(row, summary) {
  const verdict = VERDICTS[summary.verification.status];
  const received = new Date(summary.received_at);
  const [head, tail] = splitPath(summary.path);
  const text = (name, value) => {
    row.querySelector(`.${name}`).textContent = value;
  };
  row.dataset.id = summary.id;
  row.classList.toggle("pinned", summary.pinned);
  row.classList.toggle("warned", summary.verification.warned === true);
  row.querySelector("a").href = deliveryUrl(summary.id);
  text("method", summary.method);
  text("path-head", head);
  text("path-tail", tail);
  text("attempt", summary.attempt > 1 ? `×${summary.attempt}` : "");
  row.querySelector(".verdict").className = `verdict ${verdict.tone}`;
  row.querySelector(".verdict use").setAttribute("href", `#${verdict.glyph}`);
  text("word", verdict.word);
  text("reply", summary.reply_status);
  text("size", size(summary.body_size));
  const time = row.querySelector(".age");
  time.dateTime = received.toISOString();
  time.title = moment(received);
}

/** The address of a delivery, with what the list's own address carries along. */
export function deliveryUrl(id) {
  const query = new URLSearchParams(location.search);
  for (const name of [...query.keys()]) {
    if (!["endpoint", "before", "tab"].includes(name)) {
      query.delete(name);
    }
  }
  const text = query.toString().replaceAll("%2F", "/");
  return `/deliveries/${id}${text ? `?${text}` : ""}`;
}
