// The connection of this tab to the event stream: through the shared worker, or directly where there is none.

import { follow } from "./stream.js";

const WORKER = new URL("./worker.js", import.meta.url).href;

/** The only value that a script address may have here, for Trusted Types. */
const policy = window.trustedTypes?.createPolicy("inspector-ui", {
  createScriptURL(url) {
    if (url !== WORKER) {
      throw new TypeError("only the worker is loaded this way");
    }
    return url;
  },
});

/**
 * Calls `onEvent` for every event after delivery `after`, `onState` for every change of the connection, and `onJoined`
 * with `{cursor, revision}` when the stream was open before this tab came: what it may have missed has to be loaded.
 */
export function connect(after, { onEvent, onState, onJoined }) {
  if (!("SharedWorker" in window)) {
    followWhileShown(after, onEvent, onState);
    return;
  }
  const worker = new SharedWorker(policy ? policy.createScriptURL(WORKER) : WORKER, { type: "module" });
  worker.port.addEventListener("message", ({ data }) => {
    if (data.joined) {
      onJoined(data.joined);
    }
    if (data.state) {
      onState(data.state);
    }
    if (data.event) {
      onEvent(data.event);
    }
  });
  worker.port.start();
  worker.port.postMessage({ after });
  window.addEventListener("pagehide", () => worker.port.postMessage({ leave: true }));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      location.reload();
    }
  });
}

/** A stream of this tab alone: closed while the tab is hidden, since its connection is needed by others. */
function followWhileShown(after, onEvent, onState) {
  let last = after;
  let stop = null;
  const look = () => {
    if (document.hidden) {
      stop?.();
      stop = null;
    } else {
      stop ??= follow(last, remember, onState);
    }
  };
  const remember = (event) => {
    last = event.id ?? last;
    onEvent(event);
  };
  document.addEventListener("visibilitychange", look);
  look();
}
