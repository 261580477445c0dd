// The list of deliveries: new rows, changed rows, rows that went. It never moves while it is scrolled away from its
// top, or paused: then what comes waits behind a line that says how many.

import { announce } from "./announce.js";
import { refreshAges, titleTimes } from "./clock.js";
import { loadPage } from "./page.js";
import { fillRow, makeRow } from "./rows.js";

const MOST_ROWS = 600;
const MOST_WAITING = 500;
const GATHER_MS = 20;

export class List {
  /** `onChange` is called when the number of unread or waiting rows may have changed. */
  constructor(unread, onChange) {
    const { cursor, endpoint, url } = document.body.dataset;
    this.last = Number(cursor);
    this.endpoint = endpoint;
    this.url = url;
    this.rows = document.getElementById("rows");
    this.foot = document.getElementById("foot");
    this.scroller = document.getElementById("scroller");
    this.line = document.getElementById("new-rows");
    this.unread = unread;
    this.onChange = onChange;
    this.paused = false;
    this.arrived = [];
    this.timer = null;
    this.waiting = new Map();
    this.today = new Date().getDate();
    this.line.addEventListener("click", () => this.showWaiting());
    this.foot.addEventListener("click", (event) => this.clickFoot(event));
    this.settle();
  }

  row(id) {
    return this.rows.querySelector(`.row[data-id="${id}"]`);
  }

  /** How many rows on the page, or waiting, were not opened yet. */
  get unreadCount() {
    return this.rows.querySelectorAll(".unread").length + this.waiting.size;
  }

  /** Marks what the server cannot know of rows that it made: unread, local times. */
  settle() {
    for (const row of this.rows.querySelectorAll(".row")) {
      this.mark(row);
    }
    titleTimes(this.rows);
    refreshAges(this.rows);
    this.onChange();
  }

  mark(row) {
    row.classList.toggle("unread", this.unread.has(Number(row.dataset.id)));
  }

  get isAway() {
    return this.scroller.scrollTop > 4 || window.scrollY > 4;
  }

  /** A delivery arrived. Ids only rise: one that is not beyond the last was seen already. */
  add(summary) {
    if (summary.id <= this.last) {
      return;
    }
    this.last = summary.id;
    if (!this.endpoint || summary.endpoint_id === this.endpoint) {
      this.arrived.push(summary);
      this.timer ??= setTimeout(() => this.takeIn(), GATHER_MS);
    }
  }

  /** Takes in what arrived within a moment, all at once: a burst costs one layout, not one for each row. */
  takeIn() {
    const summaries = this.arrived.splice(0);
    this.timer = null;
    if (this.paused || this.isAway || this.rows.dataset.newest === "false") {
      for (const summary of summaries) {
        // Beyond a number that anyone would look at, the server's list is loaded instead.
        this.waiting.set(summary.id, this.waiting.size < MOST_WAITING ? summary : null);
      }
      this.showLine();
    } else {
      this.insert(summaries);
    }
    announce.arrivals(summaries.length);
    this.onChange();
  }

  /** Puts rows on top; `summaries` are oldest first, as they came. */
  insert(summaries) {
    const rows = summaries.slice(-MOST_ROWS).reverse().map(makeRow);
    for (const row of rows) {
      row.classList.add("arrived");
      row.addEventListener("animationend", () => row.classList.remove("arrived"), { once: true });
      this.mark(row);
      refreshAges(row);
    }
    this.rows.prepend(...rows);
    const tooMany = [...this.rows.children].slice(MOST_ROWS);
    for (const row of tooMany) {
      row.remove();
      this.foot.querySelector("a").hidden = false;
    }
  }

  showLine() {
    const appears = this.line.hidden && this.waiting.size > 0;
    this.line.hidden = this.waiting.size === 0;
    this.line.lastElementChild.textContent = `${this.waiting.size.toLocaleString("en")} new`;
    if (appears && this.isAway) {
      // The line takes room above the rows: they stay where they are.
      const scrolled = this.scroller.scrollTop ? this.scroller : document.scrollingElement;
      scrolled.scrollTop += this.line.offsetHeight;
    }
  }

  /** Lets in what waits, and goes to it. */
  async showWaiting() {
    if (this.rows.dataset.newest === "false") {
      location.assign(this.url);
      return;
    }
    if (this.waiting.size > MOST_WAITING) {
      await this.reload();
    }
    this.insert([...this.waiting.values()]);
    this.waiting.clear();
    this.showLine();
    this.scroller.scrollTop = 0;
    window.scrollTo(0, 0);
    this.onChange();
  }

  /** The server's newest rows take the place of all: after a gap that events do not fill. */
  async reload() {
    if (this.rows.dataset.newest === "false") {
      return;
    }
    const page = await loadPage(this.url);
    const rows = page.getElementById("rows");
    if (!rows) {
      location.assign(this.url);
      return;
    }
    this.last = Math.max(this.last, Number(page.body.dataset.cursor));
    this.waiting.clear();
    this.rows.replaceChildren(...rows.children);
    this.foot.replaceChildren(...page.getElementById("foot").children);
    this.showLine();
    this.settle();
  }

  async clickFoot(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    try {
      await this.appendOlder(link);
    } catch {
      location.assign(link.href);
    }
  }

  async appendOlder(link) {
    const oldest = [...this.rows.querySelectorAll(".row")].at(-1).dataset.id;
    const url = new URL(link.href);
    url.searchParams.set("before", oldest);
    const page = await loadPage(url);
    const days = this.rows.querySelectorAll(".day");
    const [first, ...rest] = page.getElementById("rows").children;
    if (first?.textContent !== [...days].at(-1)?.textContent) {
      this.rows.append(first);
    }
    this.rows.append(...rest);
    this.foot.replaceChildren(...page.getElementById("foot").children);
    this.settle();
  }

  /** Something of a delivery changed. */
  update(summary) {
    const row = this.row(summary.id);
    if (row) {
      fillRow(row, summary);
      refreshAges(row);
    } else if (this.waiting.get(summary.id)) {
      this.waiting.set(summary.id, summary);
    }
  }

  /** Deliveries are gone. */
  remove(ids) {
    for (const id of ids) {
      this.row(id)?.remove();
      this.waiting.delete(id);
    }
    for (const day of this.rows.querySelectorAll(".day + .day, .day:last-child")) {
      (day.matches(":last-child") ? day : day.previousElementSibling).remove();
    }
    this.showLine();
    this.onChange();
  }

  /** After midnight the rows want new headings. */
  tick() {
    const today = new Date().getDate();
    if (today !== this.today && !this.isAway && !this.paused) {
      this.today = today;
      this.reload();
    }
  }
}
