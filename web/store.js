// What the page knows, and when it is drawn: at most once per animation frame.

const listeners = new Set();
let frame = 0;
let timer = 0;

// Faster changes than this would be read by nobody, and drawn at the cost of a processor.
const BATCH = 200;

const initial = () => ({
  key: null, // The API key of this tab.
  keyError: null,
  caller: null, // The role of the key and its accounts.
  account: null, // Null: all accounts of the key.
  accounts: [],
  book: null, // Of the account; null: all of it.
  books: [], // The account and the name of each.
  currency: null, // Of totals; null: that of the settings.
  ownCurrency: 'USDT', // That of the settings.
  currencies: [], // Those with a rate.
  asOf: null, // Null: now.
  route: { view: 'positions' },
  connection: 'connecting', // connecting, live, polling or reconnecting.
  error: null,
  positions: null, // Map of id to row; null until the first answer.
  portfolio: null,
  hasCash: false, // Whether an account of the key has any.
  periods: null, // PnL by day, newest first; null until the first answer.
  hasAllPeriods: false, // Else there are days before the oldest of them.
  timeZone: null, // That of the days: the desk's.
  lines: new Map(), // Asset to its prices of the last 24 hours.
  health: null,
  events: [],
});

export const state = initial();

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// For what arrives often and is in the store already: drawn together.
export function updateSoon() {
  timer ||= setTimeout(() => {
    timer = 0;
    update({});
  }, BATCH);
}

// Nothing that was learned with one key is left for the next; the address stays.
export function clear() {
  update({ ...initial(), route: state.route });
}

export function update(changes) {
  Object.assign(state, changes);
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    for (const listener of listeners) listener();
  });
}
