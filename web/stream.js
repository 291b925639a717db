// Server-Sent Events read by fetch, because EventSource cannot send the key in a header.

// A parser of the wire format: feed it text as it arrives, it calls back for each whole event.
export function sseParser(onEvent) {
  let rest = '';
  let fields = {};
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (fields.data !== undefined) onEvent({ type: 'message', ...fields });
        fields = {};
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue; // A comment: the heartbeat.
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'data') {
        fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`;
      } else if (name === 'event') fields.type = value;
      else if (name === 'id') fields.id = value;
    }
  };
}

const FIRST_DELAY = 500;
const LAST_DELAY = 15_000;
// Three heartbeats missed in a row: the connection is dead.
const SILENCE = 45_000;

// One connection: resolves when it ends, for whatever reason.
async function connection(path, headers, onResponse, onChunk, stop) {
  const attempt = new AbortController();
  const end = () => attempt.abort();
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(end, SILENCE);
  };
  stop.addEventListener('abort', end);
  alive();
  const response = await fetch(path, { headers, cache: 'no-store', signal: attempt.signal })
    .catch(() => null);
  if (response && onResponse(response)) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ done: true }));
      if (done) break;
      alive();
      onChunk(value);
    }
  }
  clearTimeout(timer);
  stop.removeEventListener('abort', end);
}

// Follow the stream until `stop` is aborted. `on` has opened(), event(type, event), reset(), lost()
// and missing(), which ends it: the service has no stream, or the key is refused.
export async function follow(path, key, on, stop) {
  let cursor = null;
  let delay = FIRST_DELAY;
  let isOver = false;
  const accept = (response) => {
    isOver = response.status === 404 || response.status === 401;
    if (response.status === 410) cursor = null;
    if (!response.ok) return false;
    on.opened();
    delay = FIRST_DELAY;
    return true;
  };
  const receive = (event) => {
    if (event.id) cursor = event.id;
    if (event.type === 'reset') {
      cursor = null;
      on.reset();
      return;
    }
    try {
      on.event(event.type, JSON.parse(event.data));
    } catch (error) {
      reportError(error); // The stream goes on: the next event is another matter.
    }
  };
  while (!stop.aborted) {
    const headers = { Accept: 'text/event-stream', 'X-API-Key': key };
    if (cursor) headers['Last-Event-ID'] = cursor;
    await connection(path, headers, accept, sseParser(receive), stop);
    if (isOver) {
      on.missing();
      return;
    }
    if (stop.aborted) return;
    on.lost();
    await new Promise((resolve) => { setTimeout(resolve, delay * (0.5 + Math.random() / 2)); });
    delay = Math.min(delay * 2, LAST_DELAY);
  }
}
