// The columns of the table of positions: what each shows, and what it is sorted by.
import { html } from './html.js';
import { Code } from './currency.js';
import { absolute, compare, order, sign } from './decimal.js';
import { Bar, Money, Percent, Price, Ratio, Side, Size, duration } from './parts.js';
import { Spark } from './spark.js';
import { positionPath } from './router.js';
import { state } from './store.js';

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const decimal = (field) => (a, b) => order(a[field], b[field]);

// Why a figure of this row deserves doubt: in words, a letter and a color.
export function marksOf(row) {
  const marks = [];
  if (row.needs_review) {
    marks.push({
      kind: 'review',
      text: 'Review',
      why: row.review_reasons.join(', ').replaceAll('_', ' ') || 'needs review',
    });
  }
  if (row.price_status !== 'fresh' && sign(row.size) !== 0) {
    const age = row.price_updated_at && (Date.now() - Date.parse(row.price_updated_at)) / 1000;
    marks.push({
      kind: 'stale',
      text: row.price_status === 'missing' ? 'No price' : 'Stale',
      why: age ? `the price is ${duration(age)} old` : 'no price was received',
    });
  }
  if (row.unconverted_fees > 0) {
    marks.push({ kind: 'stale', text: 'Fees', why: `${row.unconverted_fees} fees without a rate` });
  }
  return marks;
}

export const Marks = ({ row }) => marksOf(row).map(({ kind, text, why }) => html`<span
  class=${`mark ${kind}`} title=${`${text}: ${why}`}>${text}<span class="hidden">: ${why}</span></span>`);

function Asset({ row }) {
  return html`<a class="asset" href=${positionPath(row)}>${row.asset}</a>
    ${state.accounts.length > 1 && html`<span class="chip">${row.account}</span>`}
    <${Code} of=${row.settlement_currency} />
    ${row.mode === 'hedge' && html`<span class="chip">hedge</span>`}<${Marks} row=${row} />
    <span class="under"><${Side} size=${row.size} long=${row.long_size} short=${row.short_size} />
    ${' '}<${Size} value=${row.size} /></span>`;
}

export const columns = [
  { id: 'asset', label: 'Asset', order: (a, b) => byText(a.asset + a.account, b.asset + b.account),
    cell: (row) => html`<${Asset} row=${row} />` },
  { id: 'side', label: 'Side', wide: true, order: decimal('size'),
    cell: (row) => html`<${Side} size=${row.size} long=${row.long_size} short=${row.short_size} />` },
  { id: 'size', label: 'Size', numeric: true, wide: true,
    order: (a, b) => compare(absolute(a.size), absolute(b.size)),
    cell: (row) => html`<${Size} value=${row.size} />` },
  { id: 'entry', label: 'Entry', title: 'Average entry price', numeric: true, wide: true,
    order: decimal('average_entry_price'),
    cell: (row) => html`<${Price} value=${row.average_entry_price} />` },
  { id: 'even', label: 'Break-even', title: 'The price at which the net PnL is 0', numeric: true,
    wide: true, order: decimal('break_even_price'),
    cell: (row) => html`<${Price} value=${row.break_even_price} />` },
  { id: 'price', label: 'Price', title: 'Newest mark price', numeric: true, wide: true,
    order: decimal('current_price'),
    cell: (row) => html`<${Price} value=${row.current_price} />` },
  { id: 'line', label: '24 hours', wide: true,
    cell: (row) => html`<${Spark} values=${state.lines.get(row.asset)}
      label=${`price of ${row.asset} over 24 hours`} />` },
  { id: 'unrealized', label: 'Unrealized', numeric: true, order: decimal('unrealized_pnl'),
    cell: (row) => html`<${Money} value=${row.unrealized_pnl}
      of=${row.settlement_currency} signed /><span class="under">
      <${Percent} value=${row.unrealized_pnl_pct} signed /></span>` },
  { id: 'percent', label: '%', title: 'Unrealized PnL in percent of the cost', numeric: true,
    wide: true, order: decimal('unrealized_pnl_pct'),
    cell: (row) => html`<${Percent} value=${row.unrealized_pnl_pct} signed />` },
  { id: 'net', label: 'Net PnL', title: 'Realized and unrealized, after all fees', numeric: true,
    order: decimal('net_pnl'), cell: (row) => html`<${Money} value=${row.net_pnl}
      of=${row.settlement_currency} signed />` },
  { id: 'share', label: 'Share', title: 'Share of the exposure of the account', numeric: true,
    wide: true, order: decimal('position_size_norm'),
    cell: (row) => html`<${Bar} ratio=${row.position_size_norm} /><${Ratio}
      value=${row.position_size_norm} digits=${1} />` },
  { id: 'held', label: 'Held', numeric: true, wide: true,
    order: (a, b) => (a.time_held_minutes ?? -1) - (b.time_held_minutes ?? -1),
    cell: (row) => html`<span class="num">${row.time_held_minutes === null ? '–'
      : duration(row.time_held_minutes * 60)}</span>` },
];
