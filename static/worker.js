// The worker that all tabs share: it holds the one event stream of this browser and passes events on. Browsers allow
// six connections to a host, so a stream in every tab would freeze the seventh.

import { follow } from "./stream.js";

const ports = new Set();
let state = "connecting";
let stopFollowing = null;
// How far this worker knows the table; `revision` is null once a change came, whose number events do not tell.
const known = { cursor: 0, revision: null };

function tell(message) {
  for (const port of ports) {
    port.postMessage(message);
  }
}

function onEvent(event) {
  if (event.id !== null) {
    known.cursor = event.id;
  }
  if (event.name === "hello") {
    known.revision = event.data.revision;
  } else if (event.name === "update" || event.name === "deleted" || event.name === "reset") {
    known.revision = null;
  }
  tell({ event });
}

function onState(next) {
  state = next;
  if (state === "refused") {
    // It has ended; the next tab, which has logged in, begins a new one.
    stopFollowing = null;
  }
  tell({ state });
}

self.addEventListener("connect", ({ ports: [port] }) => {
  port.addEventListener("message", ({ data }) => {
    if (data.leave) {
      ports.delete(port);
      if (ports.size === 0) {
        stopFollowing?.();
        stopFollowing = null;
      }
      return;
    }
    ports.add(port);
    if (stopFollowing === null) {
      known.cursor = data.after;
      state = "connecting";
      stopFollowing = follow(data.after, onEvent, onState);
    } else {
      port.postMessage({ joined: { ...known }, state });
    }
  });
  port.start();
});
