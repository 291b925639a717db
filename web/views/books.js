// How a position is divided among the books of its account.
import { html } from '../html.js';
import { subtract } from '../decimal.js';
import { Money, Price, Side, Size, Table } from '../parts.js';
import { loadBooks } from '../position-data.js';
import { positionPath } from '../router.js';
import { state } from '../store.js';
import { View } from '../view.js';
import { booksOf } from './scope.js';

const HEADS = [
  ['Book'], ['Side', 'wide'], ['Size', 'number'], ['Entry', 'number wide'],
  ['Unrealized', 'number'], ['Realized net', 'number wide'], ['Net PnL', 'number'],
];
// Between fills, the figures follow the price: one request in this time, or the key would soon have
// used up its requests.
const REQUEST_EVERY = 5_000;

function Book({ row }) {
  const { settlement_currency: currency } = row;
  return html`<tr><td><a class="asset" href=${positionPath(row)}>${row.book}</a></td>
    <td class="wide"><${Side} size=${row.size} long=${row.long_size} short=${row.short_size} /></td>
    <td class="number"><${Size} value=${row.size} /></td>
    <td class="number wide"><${Price} value=${row.average_entry_price} /></td>
    <td class="number"><${Money} value=${row.unrealized_pnl} of=${currency} signed /></td>
    <td class="number wide"><${Money} value=${subtract(row.realized_pnl, row.funding)}
      of=${currency} signed /></td>
    <td class="number"><${Money} value=${row.net_pnl} of=${currency} signed /></td></tr>`;
}

class Shares extends View {
  dependsOn({ position, books }) {
    const priced = Math.floor(Date.parse(position.price_updated_at)
      / (REQUEST_EVERY * books.length));
    return [position.id, position.size, position.realized_pnl, priced, books, state.asOf].join(' ');
  }

  load({ position, books }) {
    return loadBooks({ ...position, books, asOf: state.asOf });
  }

  view(rows) {
    return html`<section class="panel flush" aria-label="By book"><h2>By book</h2>
      <${Table} heads=${HEADS}>${rows.map((row) => html`<${Book} key=${row.book} row=${row} />`)}<//>
    </section>`;
  }
}

export function Books({ position }) {
  const books = booksOf(position.account);
  return books.length > 0 && html`<${Shares} position=${position} books=${books} />`;
}
