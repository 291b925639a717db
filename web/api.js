// Requests to the service. The key travels in a header, never in a URL.
import { state, update } from './store.js';
import { forgetKey } from './session.js';

// A key may have six requests under way: one is the stream, those of a page that was just left count
// for a moment longer, and one is left to other programs. Three of them may be queries below /rest/.
const MAX_UNDER_WAY = 3;
const MAX_QUERIES = 2;
let underWay = 0;
let queries = 0;
const waiting = [];

export class ApiError extends Error {
  constructor(status, body, retryAfter) {
    super(body?.message ?? (status ? `the service answered ${status}` : 'no connection'));
    this.status = status;
    this.details = body?.details ?? {};
    this.retryAfter = retryAfter;
  }
}

const mayBegin = (isQuery) =>
  underWay < MAX_UNDER_WAY && (!isQuery || queries < MAX_QUERIES);

function begin(isQuery) {
  underWay += 1;
  if (isQuery) queries += 1;
}

async function turn(isQuery) {
  if (mayBegin(isQuery)) begin(isQuery);
  else await new Promise((resolve) => waiting.push({ isQuery, resolve }));
}

function done(isQuery) {
  underWay -= 1;
  if (isQuery) queries -= 1;
  const next = waiting.findIndex((each) => mayBegin(each.isQuery));
  if (next < 0) return;
  const [each] = waiting.splice(next, 1);
  begin(each.isQuery);
  each.resolve();
}

export function withQuery(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

export async function request(method, path, { query, body, headers, signal } = {}) {
  const isQuery = path.startsWith('/rest/');
  await turn(isQuery);
  const key = state.key;
  try {
    const response = await fetch(withQuery(path, query), {
      method,
      signal,
      cache: 'no-store',
      headers: {
        ...(key && { 'X-API-Key': key }),
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    }).catch((error) => {
      if (error.name === 'AbortError') throw error;
      throw new ApiError(0);
    });
    const answer = await response.json().catch(() => null);
    if (response.status === 401 && key && key === state.key) {
      forgetKey();
      update({ keyError: 'The service refused this key: it is invalid, expired or revoked.' });
    }
    if (!response.ok) {
      throw new ApiError(response.status, answer, Number(response.headers.get('Retry-After')));
    }
    return answer;
  } finally {
    done(isQuery);
  }
}

export const get = (path, query) => request('GET', path, { query });

// Not crypto.randomUUID(): it is missing where the page comes by HTTP from another host.
const randomId = () => Array.from(
  crypto.getRandomValues(new Uint8Array(16)),
  (byte) => byte.toString(16).padStart(2, '0'),
).join('');

// The idempotency key makes a second click, or a repeat after a lost answer, harmless.
export const post = (path, { query, body } = {}) =>
  request('POST', path, { query, body, headers: { 'Idempotency-Key': randomId() } });

// A view below /rest/, amounts as text: a JSON number would lose digits in JavaScript.
export function rows(view, columns, filters = {}) {
  return get(`/rest/${view}`, { select: columns, ...filters });
}
