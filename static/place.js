// Where one is: links to the list and its deliveries are followed in place, where nothing is unusual.

import { refreshAges } from "./clock.js";
import { isBusy } from "./detail.js";
import { at, isPlain, loadPage, takeOver } from "./page.js";

export const isNarrow = () => matchMedia("(width < 45rem)").matches;

/** What makes a list another one. */
const listOf = ({ searchParams }) => JSON.stringify(["endpoint", "q", "before", "after"].map((name) => searchParams.get(name)));

export class Place {
  listed = listOf(new URL(location));
  scrolled = 0;

  constructor(list, onOpen) {
    Object.assign(this, { list, onOpen });
    document.addEventListener("click", (event) => this.click(event));
    window.addEventListener("popstate", () => this.show());
    this.shown();
  }

  get openId() {
    return Number(at("detail").querySelector("article")?.dataset.id) || null;
  }

  click(event) {
    const link = event.target.closest("a[href]");
    const isOurs = link?.origin === location.origin && !link.hash && /^\/(deliveries\/\d+)?$/.test(link.pathname);
    if (!isOurs || !isPlain(event)) {
      return;
    }
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    const url = new URL(link.href);
    const isRow = link.matches(".entry");
    if (isRow) {
      // Rows lead to the tab that is open now.
      url.searchParams.set("tab", new URLSearchParams(location.search).get("tab") ?? "body");
    }
    // Whoever pressed Enter on a row wants to read on; j, k and the mouse leave the focus there.
    this.go(url, isRow && event.isTrusted && event.detail === 0);
  }

  go(url, reads) {
    if (document.body.dataset.view === "list") {
      this.scrolled = window.scrollY;
    }
    history.pushState(null, "", url);
    return this.show(reads);
  }

  /** Shows what the address bar says; `gently` only where nobody is at work in the pane. */
  async show(reads, gently) {
    const url = new URL(location);
    const isSameList = listOf(url) === this.listed;
    const page = await loadPage(url, isSameList ? "detail" : "list").catch(() => null);
    if (url.href !== location.href || (gently && isBusy())) {
      return;
    }
    if (!page?.getElementById("rows")) {
      location.reload();
      return;
    }
    if (!isSameList) {
      this.takeList(page, url);
    }
    this.takePane(page, reads);
  }

  takeList(page, url) {
    const field = at("q");
    const { ariaInvalid } = page.getElementById("q");
    field.ariaInvalid = ariaInvalid;
    if (document.activeElement !== field) {
      field.value = url.searchParams.get("q") ?? "";
    }
    takeOver(page, "place", "clear", "filter-fault");
    this.listed = ariaInvalid ? null : listOf(url);
    document.body.dataset.endpoint = page.body.dataset.endpoint;
    this.list.take(page, !ariaInvalid);
  }

  takePane(page, reads) {
    const pane = at("detail");
    const before = this.openId;
    const { view } = page.body.dataset;
    const isOther = document.body.dataset.view !== view && isNarrow();
    const hadFocus = pane.contains(document.activeElement);
    takeOver(page, "detail");
    document.title = page.title;
    document.body.dataset.view = view;
    if (this.openId !== before) {
      pane.scrollTop = 0;
    }
    if (isOther) {
      // A delivery begins at its head, the list where it was left.
      window.scrollTo(0, this.openId ? 0 : this.scrolled);
    }
    if (reads || isOther || (hadFocus && !pane.contains(document.activeElement))) {
      at("detail-title")?.focus({ preventScroll: true });
    }
    this.shown();
  }

  shown() {
    this.list.mark(this.openId);
    refreshAges();
    this.onOpen(this.openId);
  }

  gone() {
    at("detail").replaceChildren(at("gone-template").content.cloneNode(true));
  }
}
