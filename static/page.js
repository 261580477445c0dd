// Pages of ours, loaded without going there, and taken over as nodes, so that captured text stays text.

export const at = (id) => document.getElementById(id);

export const isPlain = (event) => !(event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey);

/** The `part` of the page at `url` (inspector/web/list_page.py); with a `form` what that gives. */
export function loadPage(url, part = "list", form = null) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", url);
    request.setRequestHeader("X-Page-Part", part);
    request.responseType = "document";
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject(new Error(request.status)));
    request.onerror = reject;
    request.send(form);
  });
}

/** Makes the elements with these ids what they are on `page`; the focus stays. */
export function takeOver(page, ...ids) {
  for (const id of ids) {
    const here = at(id);
    const there = page.getElementById(id);
    if (here && there && !here.isEqualNode(there)) {
      const focused = here.contains(document.activeElement) && document.activeElement.id;
      here.replaceChildren(...there.childNodes);
      here.hidden = there.hidden;
      at(focused)?.focus({ preventScroll: true });
    }
  }
}

/** An address with those parameters of this page's own that are named. */
export function urlHere(path, ...names) {
  const kept = [...new URLSearchParams(location.search)].filter(([name]) => names.includes(name));
  const query = new URLSearchParams(kept).toString().replaceAll("%2F", "/");
  return query ? `${path}?${query}` : path;
}

/** The address of the newest rows of the list that is shown. */
export const listUrl = () => urlHere("/", "endpoint", "q");
