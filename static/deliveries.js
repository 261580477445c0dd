// The page while it is open: events move the list, the pane, the live state and the title.

import { startDetail } from "./detail.js";
import { startFilter } from "./filter.js";
import { startKeys } from "./keys.js";
import { List } from "./list.js";
import { connect } from "./live.js";
import { notify } from "./notify.js";
import { at, listUrl, loadPage, takeOver } from "./page.js";
import { Place } from "./place.js";
import { startSplitter } from "./splitter.js";
import { Unread } from "./unread.js";

const NUMBERS_EVERY_MS = 15_000;
const NUMBERS_SOON_MS = 300;
const page = document.body.dataset;

export class Deliveries {
  state = "connecting";
  paused = false;
  revision = Number(page.revision);
  newest = Number(page.cursor);
  unread = new Unread(page.instance, this.newest);

  constructor() {
    if (at("rows")) {
      this.list = new List(this.unread, notify, () => this.showState());
      this.place = new Place(this.list, (id) => this.opened(id));
      startDetail(this.place);
      startFilter(this.place);
      startSplitter();
    }
    startKeys(this.list, this.place);
    at("pause")?.addEventListener("click", () => this.pause(!this.paused));
    connect(this.newest, (event) => this.event(event), (state) => this.connection(state));
    setInterval(() => this.showNumbers(), NUMBERS_EVERY_MS);
    document.addEventListener("visibilitychange", () => this.showNumbers());
  }

  event({ name, data }) {
    const isOpen = (id) => id === this.place?.openId;
    if (name === "hello") {
      this.hello(data);
    } else if (name === "delivery") {
      this.newest = data.id;
      this.list?.add(data);
    } else if (name === "update") {
      this.list?.update(data);
      if (isOpen(data.id)) {
        this.place.show(false, true);
      }
    } else if (name === "deleted") {
      this.list?.remove(data.ids);
      if (data.ids.some(isOpen)) {
        this.place.gone();
      }
    }
    if (name === "reset" || (name === "delivery" && !this.list)) {
      this.reload();
    }
    if (name !== "hello" && name !== "bye") {
      this.soon ??= setTimeout(() => this.showNumbers(), NUMBERS_SOON_MS);
    }
  }

  /** Another database or version wants another page; what is not known here, the list anew. */
  hello({ instance, version, revision, cursor }) {
    if (instance !== page.instance || version !== page.version) {
      location.reload();
    } else if (revision !== this.revision || cursor > this.newest) {
      this.revision = revision;
      this.newest = cursor;
      this.reload();
    }
  }

  /** Where the server does not answer, the next hello brings us here again. */
  async reload() {
    if (this.list) {
      await this.list.reload().catch(() => {
        this.revision = null;
      });
    } else if (page.view === "start" && !this.paused && this.newest > page.cursor) {
      location.reload();
    }
    this.showState();
  }

  opened(id) {
    this.unread.open(id);
    this.list.row(id)?.classList.remove("unread");
    this.showState();
  }

  connection(state) {
    this.state = state;
    this.showState();
    if (state === "refused") {
      location.reload();
    }
  }

  pause(paused) {
    this.paused = paused;
    at("pause").dataset.paused = paused;
    at("pause").querySelector(".word").textContent = paused ? "Resume" : "Pause";
    if (this.list) {
      this.list.paused = paused;
    }
    if (!paused && !this.list?.isHeld) {
      this.reload();
    }
    this.showState();
  }

  showState() {
    const waiting = this.list ? this.list.waiting.size : this.newest - page.cursor;
    const state = this.paused && this.state === "live" ? "paused" : this.state;
    const words = { connecting: "", paused: waiting ? `paused (${waiting} waiting)` : state, stopped: "server stopped" };
    const live = at("live");
    live.dataset.state = state;
    live.querySelector("use").setAttribute("href", `#live-${state}`);
    live.lastElementChild.textContent = words[state] ?? state;
    const unread = this.list?.unreadCount;
    document.title = (unread ? `(${unread > 99 ? "99+" : unread}) ` : "") + document.title.replace(/^\(\d+\+?\) /, "");
    const icon = document.querySelector("link[rel='icon']");
    icon.href = icon.dataset[unread ? "unread" : "read"];
  }

  /** What the server counts, and whether it can store anything. */
  async showNumbers() {
    clearTimeout(this.soon);
    this.soon = null;
    const numbers = !document.hidden && this.state === "live" && (await loadPage(listUrl(), "numbers").catch(() => null));
    if (numbers) {
      takeOver(numbers, "fault", "arrivals", "malformed", "numbers");
    }
  }
}
