// The list. While it is scrolled away from its top, or paused, it does not move: what comes waits.

import { announce } from "./announce.js";
import { refreshAges } from "./clock.js";
import { at, isPlain, listUrl, loadPage, takeOver } from "./page.js";
import { fillRow, makeRow } from "./rows.js";

const MOST_ROWS = 600;
const GATHER_MS = 20;
const NEAR_PIXELS = 800;

export class List {
  rows = at("rows");
  last = 0;
  paused = false;
  arrived = [];
  waiting = new Set();
  work = Promise.resolve();
  today = new Date().getDate();
  openId = null;

  constructor(unread, onArrival, onChange) {
    Object.assign(this, { unread, onArrival, onChange });
    at("new-rows").addEventListener("click", () => this.showWaiting());
    this.rows.addEventListener("click", (event) => this.clickFold(event));
    this.rows.addEventListener("animationend", ({ target }) => target.closest(".row").classList.remove("arrived"));
    document.addEventListener("scroll", () => this.scroll(), { capture: true, passive: true });
    this.reach(document.body.dataset);
    this.settle();
  }

  row(id) {
    return this.rows.querySelector(`.row[data-id="${id}"]`);
  }

  get unreadCount() {
    return this.rows.querySelectorAll(":scope > .unread").length + this.waiting.size;
  }

  get isNewest() {
    return at("top").hidden;
  }

  /** The list, or the page where it is narrow. */
  get scroller() {
    const list = at("scroller");
    return list.scrollHeight > list.clientHeight ? list : document.scrollingElement;
  }

  get isHeld() {
    return this.paused || !this.isNewest || this.scroller.scrollTop > 4;
  }

  /** One that is not beyond the last was seen already. */
  add(summary) {
    const { endpoint } = document.body.dataset;
    if (summary.id > this.last && (!endpoint || summary.endpoint_id === endpoint) && this.arrived.push(summary) === 1) {
      setTimeout(() => {
        const arrived = this.arrived.splice(0);
        this.work = this.work.then(() => this.takeIn(arrived)).catch(() => {});
      }, GATHER_MS);
    }
    this.last = Math.max(this.last, summary.id);
  }

  /** Takes in what arrived within a moment, oldest first: a burst costs one layout. */
  async takeIn(arrived) {
    const summaries = (await this.meant(arrived)).filter(({ id }) => id > this.taken);
    if (this.isHeld) {
      summaries.forEach(({ id }) => this.waiting.add(id));
    } else if (this.rows.children.length + summaries.length > MOST_ROWS || this.today !== new Date().getDate()) {
      // It has grown too long, or wants headings for a new day.
      this.today = new Date().getDate();
      await this.reload();
    } else {
      const rows = summaries.reverse().map(makeRow);
      rows.forEach((row) => row.classList.add("arrived"));
      this.rows.prepend(...rows);
    }
    this.settle();
    announce.arrivals(summaries.length);
    this.onArrival(summaries);
  }

  /** Those that the filter means: only the server knows bodies. */
  async meant(arrived) {
    const q = new URLSearchParams(location.search).get("q");
    if (!q || at("q").ariaInvalid === "true") {
      return arrived;
    }
    const query = new URLSearchParams({ q, after: arrived[0].id - 1, limit: 500 });
    const { deliveries } = await (await fetch(`/api/deliveries?${query}`)).json();
    return arrived.filter(({ id }) => deliveries.some((meant) => meant.id === id));
  }

  /** Makes one list of what was put together. */
  settle() {
    const attempts = {};
    for (const row of this.rows.querySelectorAll(".row")) {
      const { id, message, attempt } = row.dataset;
      row.classList.toggle("unread", this.unread.has(Number(id)));
      // The last attempt stands for all.
      if (message && Number(attempt) < attempts[message]) {
        row.remove();
      }
      attempts[message] = Number(attempt);
    }
    let heading;
    for (const day of this.rows.querySelectorAll(".day")) {
      if (day.textContent === heading || !day.nextElementSibling?.matches(".row")) {
        day.remove();
      }
      heading = day.textContent;
    }
    refreshAges();
    this.mark(this.openId);
    this.showLine();
    this.onChange();
  }

  /** Marks the row of the delivery that is shown. */
  mark(id) {
    this.openId = id;
    this.rows.querySelector("[aria-current]")?.removeAttribute("aria-current");
    this.row(id)?.querySelector(".entry").setAttribute("aria-current", "true");
  }

  /** Near its end the list goes on; when it is long, only by its link. */
  async scroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const { href, dataset, hidden } = at("older-rows");
    const isNear = scrollHeight - clientHeight - scrollTop < NEAR_PIXELS && this.rows.checkVisibility();
    if (!isNear || hidden || this.loading || !("more" in dataset) || this.rows.children.length > MOST_ROWS - 100) {
      return;
    }
    this.loading = true;
    const page = await loadPage(href).catch(() => null);
    this.loading = false;
    if (page && href === at("older-rows").href) {
      this.rows.append(...page.getElementById("rows").children);
      takeOver(page, "foot");
      this.settle();
    }
  }

  showLine() {
    const line = at("new-rows");
    const { scroller } = this;
    const appears = line.hidden && this.waiting.size > 0;
    line.hidden = this.waiting.size === 0;
    line.lastElementChild.textContent = `${this.waiting.size.toLocaleString("en")} new`;
    if (appears && scroller.scrollTop > 4) {
      // Rows stay where they are.
      scroller.scrollTop += line.offsetHeight;
    }
  }

  async showWaiting() {
    if (this.isNewest) {
      await this.reload();
      this.scroller.scrollTop = 0;
    } else {
      at("newest").click();
    }
  }

  /** The server's newest rows take the place of all. */
  async reload() {
    if (this.isNewest) {
      const page = await loadPage(listUrl());
      if (page.getElementById("rows")) {
        this.take(page);
      } else {
        location.assign(listUrl());
      }
    }
  }

  /** Rows may be newer than the cursor of their page, which was read first. */
  reach({ cursor }) {
    this.taken = Math.max(cursor, this.rows.querySelector(".row")?.dataset.id ?? 0);
    this.last = Math.max(this.last, this.taken);
  }

  /** Lists what `page` does; but rows stay until a filter can be read. */
  take(page, isFine = true) {
    takeOver(page, "numbers", ...(isFine ? ["rows", "foot", "top"] : []));
    if (isFine) {
      this.reach(page.body.dataset);
      this.waiting.clear();
    }
    this.settle();
  }

  async clickFold(event) {
    const link = event.target.closest("a.attempt");
    if (link && isPlain(event)) {
      event.preventDefault();
      const row = link.closest(".row");
      const shown = row.querySelector(".earlier");
      shown?.remove();
      link.ariaExpanded = !shown;
      if (!shown) {
        const page = await loadPage(`/?open=${row.dataset.id}`, "fold");
        row.append(...page.querySelectorAll(".earlier"));
      }
      this.settle();
    }
  }

  update(summary) {
    const row = this.row(summary.id);
    if (row?.dataset.attempt) {
      fillRow(row, summary);
    }
  }

  /** Deliveries are gone; where one stood for earlier attempts, these come forth. */
  remove(ids) {
    const rows = ids.map((id) => this.row(id)).filter(Boolean);
    rows.forEach((row) => row.remove());
    ids.forEach((id) => this.waiting.delete(id));
    this.settle();
    if (rows.some((row) => row.dataset.attempt > 1)) {
      this.reload();
    }
  }
}
