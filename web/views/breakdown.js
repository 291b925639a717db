// PnL by account and by asset: exact sums over the positions that are shown.
import { html } from '../html.js';
import { add, compare, subtract } from '../decimal.js';
import { Money, Table } from '../parts.js';
import { state } from '../store.js';

const headsOf = (name) => [
  [name], ['Net PnL', 'number'], ['Unrealized', 'number'], ['Realized net', 'number'],
  ['Fees', 'number wide'], ['Funding', 'number wide'],
];

const FIELDS = ['net_pnl', 'unrealized_pnl', 'realized_pnl', 'fees_paid', 'funding'];

// Amounts of different currencies are never added.
function totals(rows, nameOf) {
  const groups = new Map();
  for (const row of rows) {
    const name = nameOf(row);
    const key = `${name} ${row.settlement_currency}`;
    const held = groups.get(key);
    if (!held) groups.set(key, { name, currency: row.settlement_currency, ...row });
    else for (const field of FIELDS) held[field] = add(held[field], row[field]);
  }
  return [...groups.values()].sort((a, b) => compare(b.net_pnl, a.net_pnl));
}

function Totals({ title, name, groups }) {
  return html`<section class="panel flush tall" aria-label=${title}><h2>${title}</h2>
    <${Table} heads=${headsOf(name)}>${groups.map((one) => html`
      <tr key=${`${one.name} ${one.currency}`}><td><strong>${one.name}</strong>${one.currency !== 'USDT'
        && html`<span class="chip">${one.currency}</span>`}</td>
        <td class="number"><${Money} value=${one.net_pnl} signed /></td>
        <td class="number"><${Money} value=${one.unrealized_pnl} signed /></td>
        <td class="number"><${Money} value=${subtract(one.realized_pnl, one.funding)} signed /></td>
        <td class="number wide"><${Money} value=${one.fees_paid} /></td>
        <td class="number wide"><${Money} value=${one.funding} signed /></td></tr>`)}<//>
  </section>`;
}

export function Breakdown({ children }) {
  const rows = [...state.positions?.values() ?? []];
  return html`<div class="columns even"><div>${children}
      <${Totals} title="By account" name="Account" groups=${totals(rows, (row) => row.account)} /></div>
    <${Totals} title="By asset" name="Asset" groups=${totals(rows, (row) => row.asset)} /></div>`;
}
