// The connection of this tab to the event stream: by the shared worker, or directly where there is none.

import { follow } from "./stream.js";

const WORKER = new URL("./worker.js", import.meta.url).href;

const policy = window.trustedTypes?.createPolicy("inspector-ui", {
  createScriptURL(url) {
    if (url !== WORKER) {
      throw new TypeError("only the worker is loaded this way");
    }
    return url;
  },
});

/** Follows from delivery `after` on. A stream that is open already greets with a `hello` ahead of it. */
export function connect(after, onEvent, onState) {
  if (!("SharedWorker" in window)) {
    followWhileShown(after, onEvent, onState);
    return;
  }
  const { port } = new SharedWorker(policy ? policy.createScriptURL(WORKER) : WORKER, { type: "module" });
  port.onmessage = ({ data }) => {
    if (data.state) {
      onState(data.state);
    }
    if (data.event) {
      onEvent(data.event);
    }
  };
  port.postMessage({ after });
  window.addEventListener("pagehide", () => port.postMessage({}));
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

/** A stream of this tab alone; while it is hidden, others need its connection. */
function followWhileShown(after, onEvent, onState) {
  let last = after;
  let stop = null;
  const remember = (event) => {
    last = event.id ?? last;
    onEvent(event);
  };
  const look = () => {
    if (document.hidden) {
      stop?.();
      stop = null;
    } else {
      stop ??= follow(last, remember, onState);
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
}
