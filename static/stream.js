// One event stream, read with fetch so that every byte is a sign of life. Whatever ends it, it is opened again.

const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 2000;

/**
 * Follows the stream after an id. `onEvent` gets {name, data, id}, `onState` "live", "reconnecting", "stopped" (the
 * server said goodbye) or "refused" (a token is asked for). Returns a function that ends it.
 */
export function follow(after, onEvent, onState) {
  let last = after;
  let ended = false;
  let connection;

  async function once() {
    connection = new AbortController();
    let opened = false;
    let farewell = false;
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => connection.abort(), SILENCE_MS);
    };
    alive();
    try {
      const { ok, status, body } = await fetch(`/api/stream?after=${last}`, { cache: "no-store", signal: connection.signal });
      if (status === 401) {
        ended = true;
        onState("refused");
      }
      opened = ok;
      for await (const event of ok ? eventsOf(body, alive) : []) {
        last = event.id ?? last;
        farewell = event.name === "bye";
        if (event.name === "hello") {
          onState("live");
        }
        onEvent(event);
      }
    } catch {
      // The next attempt tells.
    }
    clearTimeout(timer);
    return [opened, farewell];
  }

  (async () => {
    let failures = 0;
    let stopped = false;
    while (!ended) {
      const [opened, farewell] = await once();
      stopped = farewell || (stopped && !opened);
      failures = opened ? 0 : failures + 1;
      if (!ended) {
        onState(stopped ? "stopped" : "reconnecting");
        await new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** failures, LONGEST_WAIT_MS)));
      }
    }
  })();
  return () => {
    ended = true;
    connection.abort();
  };
}

/** The events in a stream of bytes whose lines end with LF or CRLF. */
async function* eventsOf(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    alive();
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = /^([^:\r]*):? ?([^\r]*)/.exec(line);
      if (field) {
        event[field] = text;
      } else if (line.trim() === "") {
        if (event.data) {
          yield { name: event.event, data: JSON.parse(event.data), id: event.id ? Number(event.id) : null };
        }
        event = {};
      }
    }
  }
}
