// The detail pane, exchanged in place: the server's page for the delivery is loaded, its pane taken over, and the list
// beside it stays as it is. Where anything is unusual, the browser simply goes there.

import { refreshAges, titleTimes } from "./clock.js";
import { loadPage } from "./page.js";

export class Pane {
  /** `onOpen` is called with the id of the delivery that is shown, or null. */
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.here = document.getElementById("detail");
    this.listScroll = 0;
    document.addEventListener("click", (event) => this.click(event));
    window.addEventListener("popstate", () => this.load());
    this.shown();
  }

  get openId() {
    return Number(this.here.querySelector("article")?.dataset.id) || null;
  }

  click(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    const url = new URL(link.href);
    if (!this.isHere(url)) {
      return;
    }
    event.preventDefault();
    if (link.closest(".row")) {
      // Rows lead to the tab that is open now, whatever it was when they were made.
      url.searchParams.set("tab", new URLSearchParams(location.search).get("tab") ?? "body");
    }
    if (document.body.dataset.view === "list") {
      this.listScroll = window.scrollY;
    }
    history.pushState(null, "", url);
    this.load();
  }

  /** Whether `url` is another view beside the list that is on the page. */
  isHere(url) {
    const sameList = ["endpoint", "before"].every(
      (name) => url.searchParams.get(name) === new URLSearchParams(location.search).get(name),
    );
    const isBack = url.pathname === "/" && document.body.dataset.view === "detail";
    return url.origin === location.origin && sameList && (isBack || /^\/deliveries\/\d+$/.test(url.pathname));
  }

  /** Shows what the address bar says. */
  async load() {
    const url = location.href;
    try {
      const page = await loadPage(url);
      if (url === location.href) {
        this.exchange(page.getElementById("detail"), page);
      }
    } catch {
      location.reload();
    }
  }

  exchange(pane, page) {
    const focused = this.here.contains(document.activeElement) ? document.activeElement.id || "detail-title" : null;
    const before = this.openId;
    this.here.replaceChildren(...pane.childNodes);
    document.title = page.title;
    const changed = document.body.dataset.view !== page.body.dataset.view;
    document.body.dataset.view = page.body.dataset.view;
    if (this.openId !== before) {
      this.here.scrollTop = 0;
    }
    if (focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    if (changed && getComputedStyle(this.here.parentElement).display === "block") {
      // One pane at a time: a delivery begins at its head, the list where it was left.
      window.scrollTo(0, this.openId === null ? this.listScroll : 0);
      document.getElementById("detail-title")?.focus({ preventScroll: true });
    }
    this.shown();
  }

  shown() {
    this.markRow();
    titleTimes(this.here);
    refreshAges(this.here);
    this.onOpen(this.openId);
  }

  /** Marks the row of the delivery that is shown, when it is on the page. */
  markRow() {
    document.querySelector("#rows a[aria-current]")?.removeAttribute("aria-current");
    document.querySelector(`#rows .row[data-id="${this.openId}"] a`)?.setAttribute("aria-current", "true");
  }

  /** The delivery that is shown was deleted. */
  gone() {
    this.here.replaceChildren(document.getElementById("gone-template").content.cloneNode(true));
  }
}
