// What the page of one position asks the service for.
import { get, rows } from './api.js';

const LINE_POINTS = 400;
const ENTRIES = 1000;

const LEG_COLUMNS = ['leg', 'lots', 'size::text', 'fifo_average_entry_price::text', 'fifo_cost::text',
  'fifo_realized::text', 'fifo_unrealized_pnl::text', 'average_entry_price::text',
  'average_cost::text', 'average_realized::text', 'average_unrealized_pnl::text'].join();

// Only an account has lots, and is compared with its venue; a book has neither.
async function loadOfAccount({ account, asset, mode, asOf }) {
  const of = { account, asset, mode, limit: 50 };
  const [fifo, discrepancies, reviews] = await Promise.all([
    rows('fifo_positions', LEG_COLUMNS, {
      account: `eq.${account}`, asset: `eq.${asset}`, mode: `eq.${mode}`,
    }),
    get('/api/v1/discrepancies', { ...of, status: 'all' }),
    get('/api/v1/reviews', of),
  ]);
  return {
    fifo: asOf ? [] : fifo,
    discrepancies: discrepancies.discrepancies,
    reviews: reviews.reviews,
  };
}

export async function loadPosition(route) {
  const { account, asset, mode, book, asOf } = route;
  const path = `/api/v1/positions/${encodeURIComponent(asset)}`;
  const of = { account, mode, book };
  const [position, entries, cycles, ofAccount] = await Promise.all([
    get(path, { ...of, as_of: asOf }),
    get(`${path}/entries`, { ...of, limit: ENTRIES }),
    get(`${path}/cycles`, { ...of, from: '2000-01-01T00:00:00Z', to: asOf, limit: 200 }),
    book ? { fifo: null, discrepancies: [], reviews: [] } : loadOfAccount(route),
  ]);
  return {
    position,
    entries: entries.entries.filter((entry) => !asOf || entry.executed_at <= asOf),
    isWhole: entries.next_before === null,
    cycles: cycles.cycles,
    ...ofAccount,
  };
}

// What each book has of a position; a book that never held it is not listed.
export async function loadBooks({ account, asset, mode, books, asOf }) {
  const found = await Promise.all(books.map((book) => get('/api/v1/positions', {
    account, asset, mode, book, as_of: asOf,
  })));
  return found.flatMap(({ positions }) => positions);
}

export const ranges = [
  { id: '1d', label: '24 h', hours: 24 },
  { id: '7d', label: '7 d', hours: 168 },
  { id: '30d', label: '30 d', hours: 720 },
  { id: 'all', label: 'All' },
];

// The price line from the start of a range until now or the moment that is looked at.
export async function loadLine({ asset, from, to }) {
  const [line] = await get('/rest/rpc/price_lines', {
    assets: `{${asset}}`, from_time: from, to_time: to, points: LINE_POINTS,
  });
  const start = Date.parse(from) / 1000;
  const step = (Date.parse(to) / 1000 - start) / (LINE_POINTS - 1);
  const prices = line?.prices ?? [];
  return { times: prices.map((_, index) => start + index * step), prices };
}
