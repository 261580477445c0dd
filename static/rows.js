// Rows: a template, cloned and filled with text, so that nothing captured becomes markup.

import { size, splitPath } from "./format.js";
import { at, urlHere } from "./page.js";

const SAME_MESSAGE_CHARACTERS = 200;
const fresh = (template) => at(template).content.firstElementChild.cloneNode(true);

export function makeRow(summary) {
  const row = fresh("row-template");
  if (summary.attempt === 1) {
    row.querySelectorAll(".over, .attempt").forEach((element) => element.remove());
  }
  fillRow(row, summary);
  return row;
}

export function fillRow(row, { id, attempt, message_id: message, verification, ...summary }) {
  const find = (selector) => row.querySelectorAll(`:scope > :not(.earlier) ${selector}`);
  const text = (name, value) => find(`.${name}`).forEach((element) => (element.textContent = value));
  const [head, tail] = splitPath(summary.path);
  const isShort = message?.length <= SAME_MESSAGE_CHARACTERS;
  Object.assign(row.dataset, { id, attempt, message: isShort ? `${summary.endpoint_id} ${message}` : "" });
  row.classList.toggle("pinned", summary.pinned);
  row.classList.toggle("has-note", summary.note !== "");
  row.classList.toggle("warned", verification.warned);
  row.querySelector(".entry").href = urlHere(`/deliveries/${id}`, "endpoint", "q", "before", "after", "tab");
  find("a.attempt").forEach((link) => (link.href = `/?open=${id}`));
  text("method", summary.method);
  text("path-head", head);
  text("path-tail", tail);
  text("times", attempt);
  row.querySelector(".verdict").replaceWith(fresh(`verdict-${verification.status}`));
  text("reply", summary.reply_status || "none");
  text("size", size(summary.body_size));
  const time = row.querySelector(".age");
  time.dateTime = summary.received_at;
  time.title = summary.received_at.replace("T", " ").replace("Z", " UTC");
}
