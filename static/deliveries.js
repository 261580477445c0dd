// The page while it is open: events move the list, the pane, the live state and the title.

import { announce } from "./announce.js";
import { List } from "./list.js";
import { connect } from "./live.js";
import { loadPage } from "./page.js";
import { Pane } from "./pane.js";
import { Unread } from "./unread.js";

const STATUS_EVERY_MS = 15_000;
const page = document.body.dataset;

export class Deliveries {
  constructor() {
    this.state = "connecting";
    this.paused = false;
    this.revision = Number(page.revision);
    this.count = Number(page.deliveries);
    this.early = [];
    this.unread = new Unread(page.instance, Number(page.cursor));
    this.start();
    this.pauseButton = document.getElementById("pause");
    this.pauseButton?.addEventListener("click", () => this.pause(!this.paused));
    connect(Number(page.cursor), {
      onEvent: (event) => this.event(event),
      onState: (state) => this.connection(state),
      onJoined: (known) => this.joined(known),
    });
    setInterval(() => this.askStatus(), STATUS_EVERY_MS);
    document.addEventListener("visibilitychange", () => this.askStatus());
  }

  /** Takes up the list and the pane, where the page has them: before the first callback it has not. */
  start() {
    if (document.getElementById("rows")) {
      this.list = new List(this.unread, () => this.listChanged());
      this.list.paused = this.paused;
      this.pane = new Pane((id) => this.opened(id));
    }
  }

  event({ name, data }) {
    if (name === "delivery") {
      this.arrived(data);
    } else if (name === "hello") {
      this.hello(data);
    } else if (name === "update") {
      this.list?.update(data);
      if (data.id === this.pane?.openId) {
        this.pane.load();
      }
    } else if (name === "deleted") {
      this.list?.remove(data.ids);
      this.showCount(this.count - data.ids.length);
      if (data.ids.includes(this.pane?.openId)) {
        this.pane.gone();
      }
    } else if (name === "reset") {
      this.reload();
      this.askStatus();
    }
  }

  arrived(summary) {
    if (this.list) {
      this.list.add(summary);
    } else if (page.view === "start" && (!page.endpoint || page.endpoint === summary.endpoint_id)) {
      this.early.push(summary);
      this.reload();
    }
    this.showCount(this.count + 1);
  }

  /** Another database or version means another page; a revision that is not ours, changes that were missed. */
  hello({ instance, version, revision }) {
    if (instance !== page.instance || version !== page.version) {
      location.reload();
    } else if (revision !== this.revision) {
      this.revision = revision;
      this.reload();
    }
  }

  /** The stream was open before this tab came: what it may have missed is loaded. */
  joined({ cursor, revision }) {
    if (cursor > Number(page.cursor) || revision !== this.revision) {
      this.reload();
    }
  }

  /** Shows the newest as the server has it. Where it does not answer, the next hello brings us here again. */
  async reload() {
    try {
      await (this.list ? this.list.reload() : this.first());
    } catch {
      this.revision = null;
    }
  }

  /** The first callback came: the list takes the place of the first steps. */
  async first() {
    if (this.starting || this.paused || page.view !== "start") {
      this.showState();
      return;
    }
    this.starting = true;
    const next = await loadPage(location.href).finally(() => {
      this.starting = false;
    });
    if (next.getElementById("rows")) {
      document.getElementById("main").replaceWith(next.getElementById("main"), ...next.querySelectorAll("template"));
      document.body.className = next.body.className;
      Object.assign(page, next.body.dataset);
      document.title = next.title;
      this.start();
      announce.arrivals(this.early.length);
      this.early.splice(0).forEach((summary) => this.list.add(summary));
    }
  }

  listChanged() {
    this.pane?.markRow();
    this.showState();
  }

  opened(id) {
    if (id !== null) {
      this.unread.open(id);
      this.list.row(id)?.classList.remove("unread");
    }
    this.showState();
  }

  connection(state) {
    if (state === "refused") {
      location.reload();
    }
    this.state = state;
    this.showState();
  }

  pause(paused) {
    this.paused = paused;
    const word = paused ? "Resume" : "Pause";
    this.pauseButton.setAttribute("aria-label", word);
    this.pauseButton.querySelector(".word").textContent = word;
    this.pauseButton.querySelector("use").setAttribute("href", paused ? "#live-resume" : "#live-paused");
    if (this.list) {
      this.list.paused = paused;
    }
    if (!paused && this.list) {
      this.list.showWaiting();
    } else if (!paused && this.early.length) {
      this.reload();
    }
    this.showState();
  }

  /** The live state in words, and the number of unread deliveries in title and icon. */
  showState() {
    const waiting = this.list ? this.list.waiting.size : this.early.length;
    const state = this.paused && this.state === "live" ? "paused" : this.state;
    const words = { paused: waiting ? `paused (${waiting} waiting)` : "paused", stopped: "server stopped", connecting: "" };
    const live = document.getElementById("live");
    live.dataset.state = state;
    live.querySelector("use").setAttribute("href", `#live-${state}`);
    const word = words[state] ?? state;
    if (live.lastElementChild.textContent !== word) {
      live.lastElementChild.textContent = word;
    }
    const unread = this.list?.unreadCount ?? 0;
    document.title = (unread ? `(${unread}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    const icon = document.querySelector("link[rel='icon']");
    icon.setAttribute("href", unread ? icon.dataset.unread : icon.dataset.read);
  }

  showCount(count) {
    this.count = Math.max(0, count);
    const element = document.getElementById("deliveries-count");
    element.hidden = this.count === 0;
    element.textContent = this.count.toLocaleString("en");
  }

  /** What events do not tell: whether deliveries can be stored, and how many there are. */
  async askStatus() {
    if (document.hidden || this.state !== "live") {
      return;
    }
    const response = await fetch("/api/status").catch(() => null);
    if (response?.ok) {
      const { fault, deliveries } = await response.json();
      this.showCount(deliveries);
      document.getElementById("fault").hidden = fault === null;
      document.getElementById("fault-words").textContent = fault ?? "";
    }
  }
}
