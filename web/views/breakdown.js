// PnL by account and by asset: exact sums over the positions that are shown; and by book.
import { html } from '../html.js';
import { get } from '../api.js';
import { Code } from '../currency.js';
import { order, subtract, sum } from '../decimal.js';
import { choose } from '../live.js';
import { Money, Table } from '../parts.js';
import { state } from '../store.js';
import { View } from '../view.js';
import { booksOf, chosenAccount } from './scope.js';

const headsOf = (name) => [
  [name], ['Net PnL', 'number'], ['Unrealized', 'number'], ['Realized net', 'number'],
  ['Fees', 'number wide'], ['Funding', 'number wide'],
];

// Less often than the totals: the requests of a key are counted.
const RENEW = 5_000;
const FIELDS = ['net_pnl', 'unrealized_pnl', 'realized_pnl', 'fees_paid', 'funding'];

const byPnl = (groups) => groups.sort((a, b) => order(b.net_pnl, a.net_pnl));

// Amounts of different currencies are never added.
function totals(rows, nameOf) {
  const groups = new Map();
  for (const row of rows) {
    const name = nameOf(row);
    const key = `${name} ${row.settlement_currency}`;
    const held = groups.get(key);
    if (!held) groups.set(key, { name, currency: row.settlement_currency, ...row });
    else for (const field of FIELDS) held[field] = sum([held[field], row[field]]);
  }
  return byPnl([...groups.values()]);
}

function Totals({ title, name, groups }) {
  return html`<section class="panel flush tall" aria-label=${title}><h2>${title}</h2>
    <${Table} heads=${headsOf(name)}>${groups.map((one) => html`
      <tr key=${`${one.name} ${one.currency}`}><td>${one.open ? html`<button type="button"
        class="link" onClick=${one.open}>${one.name}</button>` : html`<strong>${one.name}</strong>`}
        <${Code} of=${one.currency} /></td>
        <td class="number"><${Money} value=${one.net_pnl} of=${one.currency} signed /></td>
        <td class="number"><${Money} value=${one.unrealized_pnl} of=${one.currency} signed /></td>
        <td class="number"><${Money} value=${subtract(one.realized_pnl, one.funding)}
          of=${one.currency} signed /></td>
        <td class="number wide"><${Money} value=${one.fees_paid} of=${one.currency} /></td>
        <td class="number wide"><${Money} value=${one.funding} of=${one.currency} signed /></td></tr>`)}<//>
  </section>`;
}

// The totals of the account in each of its books, in USDT.
class Books extends View {
  dependsOn({ account }) {
    const calculated = Math.floor(Date.parse(state.portfolio.calculated_at) / RENEW);
    return [account, state.asOf, calculated].join(' ');
  }

  async load({ account }) {
    const { by_book: books } = await get('/api/v1/portfolio', {
      account, by: 'book', as_of: state.asOf,
    });
    return byPnl(Object.entries(books).map(([book, total]) => ({
      name: book,
      open: () => choose({ account, book }),
      currency: 'USDT',
      net_pnl: total.net_pnl_usdt,
      unrealized_pnl: total.total_unrealized_pnl_usdt,
      realized_pnl: total.total_realized_pnl_usdt,
      fees_paid: total.fees_usdt,
      funding: total.funding_usdt,
    })));
  }

  view(groups) {
    return html`<${Totals} title="By book" name="Book" groups=${groups} />`;
  }
}

export function Breakdown({ children }) {
  const account = chosenAccount();
  const isDivided = !state.book && booksOf(account).length > 0;
  const rows = [...state.positions?.values() ?? []];
  return html`<div class="columns even"><div>${children}
      <${Totals} title="By account" name="Account" groups=${totals(rows, (row) => row.account)} />
      ${isDivided && html`<${Books} key=${account} account=${account} />`}</div>
    <${Totals} title="By asset" name="Asset" groups=${totals(rows, (row) => row.asset)} /></div>`;
}
