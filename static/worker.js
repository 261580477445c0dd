// The worker that all tabs share, with one event stream: with one in every tab, the seventh would freeze.

import { follow } from "./stream.js";

const ports = new Set();
let state = "connecting";
let stop = null;
// The last greeting, kept up to date; without a revision once a change came.
let hello = null;

function tell(message) {
  ports.forEach((port) => port.postMessage(message));
}

function onEvent(event) {
  if (event.name === "hello") {
    hello = event.data;
  } else if (event.name !== "delivery") {
    hello.revision = null;
  }
  hello.cursor = event.id ?? hello.cursor;
  tell({ event });
}

function onState(next) {
  state = next;
  if (state === "refused") {
    // The next tab, which has logged in, begins anew.
    stop = null;
  }
  tell({ state });
}

self.addEventListener("connect", ({ ports: [port] }) => {
  port.addEventListener("message", ({ data: { after } }) => {
    if (after === undefined) {
      ports.delete(port);
      if (ports.size === 0) {
        stop?.();
        stop = hello = null;
      }
      return;
    }
    ports.add(port);
    stop ??= follow(after, onEvent, onState);
    port.postMessage(hello ? { state, event: { name: "hello", data: hello } } : { state });
  });
  port.start();
});
