// One event stream, read with fetch so that every byte counts as a sign of life, pings included.
// It resumes after the last id it saw, for ever: whatever ends it, it is opened again.

const SILENCE_MS = 40_000;
const WAITS_MS = [250, 500, 1000, 2000];

/**
 * Follows the stream from the delivery with id `after` on. Calls `onEvent({name, data, id})` for each event and
 * `onState` with "live", "reconnecting", "stopped" (the server said goodbye) or "refused" (a token is asked for).
 * Returns a function that ends it.
 */
export function follow(after, onEvent, onState) {
  let last = after;
  let ended = false;
  let abort = () => {};

  async function once() {
    const controller = new AbortController();
    abort = () => controller.abort();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, SILENCE_MS);
    };
    let farewell = false;
    let opened = false;
    alive();
    try {
      const response = await fetch(`/api/stream?after=${last}`, {
        headers: { Accept: "text/event-stream" },
        cache: "no-store",
        signal: controller.signal,
      });
      if (response.status === 401) {
        ended = true;
        onState("refused");
      }
      if (!response.ok) {
        throw new Error(`the stream answered ${response.status}`);
      }
      opened = true;
      for await (const event of eventsOf(response.body, alive)) {
        if (event.id !== null) {
          last = event.id;
        }
        if (event.name === "hello") {
          onState("live");
        }
        farewell = event.name === "bye";
        onEvent(event);
      }
    } catch {
      // A broken connection and a refused one are alike: the next attempt tells.
    } finally {
      clearTimeout(timer);
    }
    return { farewell, opened };
  }

  async function forever() {
    let failures = 0;
    let stopped = false;
    while (!ended) {
      const { farewell, opened } = await once();
      stopped = farewell || (stopped && !opened);
      failures = opened ? 0 : failures + 1;
      if (!ended) {
        onState(stopped ? "stopped" : "reconnecting");
        await new Promise((resolve) => setTimeout(resolve, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]));
      }
    }
  }

  forever();
  return () => {
    ended = true;
    abort();
  };
}

/** The events in a stream of bytes (HTML standard, 9.2.6). `alive` is called for each piece that arrives. */
async function* eventsOf(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { name: "message", data: "", id: null };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    alive();
    rest += value;
    // A CR at the very end may be half of a CRLF: it waits for what follows.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = /^([^:]*):? ?(.*)$/.exec(line);
      if (line === "" && event.data) {
        yield { ...event, data: JSON.parse(event.data) };
      }
      if (line === "") {
        event = { name: "message", data: "", id: null };
      } else if (field === "event") {
        event.name = text;
      } else if (field === "data") {
        event.data += text;
      } else if (field === "id") {
        event.id = Number(text);
      }
    }
  }
}
