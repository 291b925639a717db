// Keeps the store current: from the stream, or by polling while the service has none.
import { get, rows, ApiError } from './api.js';
import { daysOf } from './currency.js';
import { add, compare, subtract } from './decimal.js';
import { state, update, updateSoon } from './store.js';
import { follow } from './stream.js';

const POLL = 2_000;
// The totals, and what events do not carry, are fetched this long after the first of them.
const CATCH_UP = 2_000;
const SLOW = 15_000;
const LINES = 300_000;
const DAY = 86_400_000;
const KEPT_EVENTS = 500;
// After an answer the page waits this many times as long as for it: totals of a long history in
// another currency, or those of a book, are work for the service.
const REST = 4;

let stop = new AbortController();
let catchUp = 0;
let rest = 0;
let needsRows = false;

// Whether the page still shows what it did: otherwise an answer to a request is overtaken.
function watch() {
  const { key, account, book, currency, asOf } = state;
  return () => key === state.key && account === state.account && book === state.book
    && currency === state.currency && asOf === state.asOf;
}

const scope = () => ({ account: state.account, book: state.book, currency: state.currency });

// The currency of the settings is that of an answer for which none was asked.
const ownCurrency = ({ reporting }) => (state.currency ? state.ownCurrency
  : reporting?.currency ?? 'USDT');

function rowsById(positions, former) {
  return new Map(positions.map((row) => {
    const held = former?.get(row.id);
    // An answer may be older than an event that overtook it; an equal row stays the same object,
    // so that it is not drawn again.
    const isKept = held && (held.version > row.version
      || JSON.stringify({ ...held, time_held_minutes: 0 })
        === JSON.stringify({ ...row, time_held_minutes: 0 }));
    return [row.id, isKept ? held : row];
  }));
}

// Those that are known, with those of the rows.
const accountsWith = (held) => [
  ...new Set([...state.accounts, ...held.map(({ account }) => account)]),
].sort();

async function refreshTotals() {
  if (needsRows) {
    await refresh();
    return;
  }
  const isCurrent = watch();
  const portfolio = await get('/api/v1/portfolio', scope());
  if (isCurrent()) update({ portfolio, ownCurrency: ownCurrency(portfolio), error: null });
}

async function refresh() {
  const { asOf } = state;
  const isCurrent = watch();
  needsRows = false;
  const portfolio = await get('/api/v1/portfolio', {
    include_positions: true, as_of: asOf, ...scope(),
  });
  if (!isCurrent()) return;
  const { positions, ...totals } = portfolio;
  update({
    portfolio: totals,
    hasCash: state.hasCash || totals.cash_usdt !== null,
    ownCurrency: ownCurrency(totals),
    positions: rowsById(positions, asOf ? null : state.positions),
    accounts: accountsWith(positions),
    error: null,
  });
}

async function refreshSlowly() {
  const isCurrent = watch();
  const [days, books, health] = await Promise.all([
    get('/api/v1/portfolio/pnl/periods', { by: 'day', limit: 1000, ...scope() }),
    rows('books', 'account,book', { order: 'account,book' }),
    fetch('/health', { cache: 'no-store' }).then((answer) => answer.json()),
  ]);
  if (!isCurrent()) return;
  update({
    periods: daysOf(days),
    hasAllPeriods: days.next_to === null,
    timeZone: days.time_zone,
    books,
    health,
  });
}

// The prices of the last day, for the lines of the table.
async function refreshLines() {
  const { asOf } = state;
  const isCurrent = watch();
  const until = asOf ? Date.parse(asOf) : Date.now();
  const lines = await get('/rest/rpc/price_lines', {
    from_time: new Date(until - DAY).toISOString(), to_time: new Date(until).toISOString(),
  });
  if (isCurrent()) {
    update({ lines: new Map(lines.map(({ asset, prices }) => [asset, prices])) });
  }
}

// A currency has a rate if its pair with USDT has a price, by its own name or another one.
async function refreshCurrencies() {
  const { key } = state;
  const [prices, aliases] = await Promise.all([
    rows('prices', 'asset', { asset: 'like._*USDT', mark_price: 'gt.0' }),
    rows('instrument_aliases', 'alias', { alias: 'like._*USDT' }),
  ]);
  if (key !== state.key) return;
  const pairs = [...prices.map(({ asset }) => asset), ...aliases.map(({ alias }) => alias)];
  update({ currencies: pairs.map((pair) => pair.slice(0, -'USDT'.length)).sort() });
}

// An account may have cash and no position.
async function refreshCashAccounts() {
  const { key } = state;
  const balances = await rows('cash_balances', 'account');
  if (key === state.key) update({ accounts: accountsWith(balances) });
}

const FIELDS = ['size', 'average_entry_price', 'current_price', 'unrealized_pnl', 'realized_pnl',
  'unrealized_pnl_pct', 'time_held_minutes', 'position_size_norm', 'version', 'closed_at',
  'break_even_price', 'net_pnl', 'fees_paid', 'funding'];

function applyPosition(event) {
  const held = state.positions?.get(event.position_id);
  if (state.asOf) return;
  // A row of a book is never that of an event, but changes with the one of its account.
  needsRows ||= !held || held.size !== event.size;
  if (!held || held.version >= event.version) return;
  const row = { ...held, last_updated: event.occurred_at };
  for (const field of FIELDS) if (event[field] !== undefined) row[field] = event[field];
  // A new price caused it.
  if (event.update_source === 'websocket') {
    Object.assign(row, { price_status: 'fresh', price_updated_at: event.occurred_at });
  }
  if (event.net_pnl === undefined && compare(row.size, held.size) === 0) {
    // Without a price, before or now, the difference is unknown until the rows are fetched.
    if ([held.net_pnl, held.unrealized_pnl, row.unrealized_pnl].includes(null)) needsRows = true;
    else {
      row.net_pnl = add(
        held.net_pnl,
        subtract(row.unrealized_pnl, held.unrealized_pnl),
        subtract(row.realized_pnl, held.realized_pnl),
      );
    }
  }
  state.positions.set(row.id, row);
}

function onEvent(type, event) {
  if (state.account && event.account && event.account !== state.account) return;
  if (type === 'position_updated' || type === 'position_closed') applyPosition(event);
  state.events.unshift({ type, ...event });
  state.events.length = Math.min(state.events.length, KEPT_EVENTS);
  updateSoon();
  catchUp ||= setTimeout(async () => {
    catchUp = 0;
    if (!state.asOf) rest = await quietly(refreshTotals);
  }, Math.max(CATCH_UP, rest));
}

// A failed refresh leaves the page as it is, under a message. Returns how long to wait for the next.
async function quietly(task) {
  const { key } = state;
  const began = performance.now();
  try {
    await task();
    return (performance.now() - began) * REST;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (key === state.key) update({ error: error.message });
    return (error.retryAfter || 0) * 1000;
  }
}

async function repeat(task, interval, signal, isDue = () => true) {
  while (!signal.aborted) {
    const wait = isDue() && !document.hidden ? await quietly(task) : 0;
    await new Promise((resolve) => { setTimeout(resolve, Math.max(interval, wait)); });
  }
}

export function reload() {
  return Promise.all([quietly(refresh), quietly(refreshSlowly), quietly(refreshLines)]);
}

// Shows totals in another currency. Until they come, the former ones stay, with the name of theirs.
export function convert(currency) {
  update({ currency });
  return Promise.all([quietly(refresh), quietly(refreshSlowly)]);
}

// Shows another account or book.
export function choose({ account, book }) {
  if (account === state.account && book === state.book) return;
  update({ account, book, positions: null, portfolio: null, periods: null });
  reload();
}

export function start() {
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  const { key } = state;
  update({ connection: 'connecting' });
  follow('/api/v1/stream', key, {
    opened() {
      update({ connection: 'live' });
      quietly(refresh);
    },
    event(type, event) {
      if (key === state.key) onEvent(type, event);
    },
    reset() {
      // A greater epoch may have lower versions: the former rows would outlast the new ones.
      update({ positions: null });
      quietly(refresh);
    },
    lost: () => update({ connection: 'reconnecting' }),
    missing: () => update({ connection: 'polling' }),
  }, signal);
  repeat(refreshSlowly, SLOW, signal);
  repeat(refreshLines, LINES, signal);
  repeat(refreshCurrencies, LINES, signal);
  repeat(refreshCashAccounts, LINES, signal);
  // With a stream, now and then: a price grows stale without an event.
  repeat(refresh, SLOW, signal, () => state.connection === 'live' && !state.asOf);
  repeat(refresh, POLL, signal, () => state.connection !== 'live' && !state.asOf);
  quietly(async () => {
    const caller = await get('/rest/rpc/get_caller');
    if (key !== state.key) return;
    update({ caller });
    // A key for one account shows that account: there are no totals over all for it.
    if (caller.accounts?.length !== 1) return;
    update({ account: caller.accounts[0] });
    await reload();
  });
}

export function end() {
  stop.abort();
  clearTimeout(catchUp);
  catchUp = 0;
}
