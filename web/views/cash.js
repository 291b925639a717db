// Cash by account and currency, above the entries behind it.
import { html } from '../html.js';
import { get } from '../api.js';
import { Code } from '../currency.js';
import { sign } from '../decimal.js';
import { Empty, Money, Price, Table, Time } from '../parts.js';
import { state } from '../store.js';
import { View } from '../view.js';

const BALANCE_HEADS = [
  ['Currency'], ['Cash', 'number wide', 'Deposits - withdrawals + interest + transfers'],
  ['Settled', 'number wide', 'What positions have settled: realized PnL - fees + funding'],
  ['Invested', 'number wide', 'What open spot positions have cost'],
  ['Balance', 'number', 'Cash + settled - invested'], ['Rate', 'number wide', 'USDT for one unit'],
  ['Value', 'number', 'The balance in USDT'],
];
const ENTRY_HEADS = [
  ['Time'], ['Kind'], ['Account', 'wide'], ['Amount', 'number'], ['Id', 'wide'],
];

const PAGE = 100;
// More than that no page of the service has.
const MOST = 1000;

const rateMarks = { stale: 'Stale', missing: 'No rate' };

function Balance({ balance }) {
  const mark = rateMarks[balance.rate_status];
  return html`<tr><td><strong>${balance.currency}</strong><span class="chip">${balance.account}</span>
      ${mark && html`<span class="mark stale">${mark}</span>`}</td>
    <td class="number wide"><${Price} value=${balance.cash} /></td>
    <td class="number wide"><${Price} value=${balance.settled} signed /></td>
    <td class="number wide"><${Price} value=${balance.invested} /></td>
    <td class="number"><${Price} value=${balance.balance} /></td>
    <td class="number wide"><${Price} value=${balance.usdt_rate} /></td>
    <td class="number"><${Money} value=${balance.value_usdt} /></td></tr>`;
}

function kindOf({ kind, busts, amount, counter_account: other }) {
  const words = other ? `${kind} ${sign(amount) < 0 ? 'to' : 'from'} ${other}` : kind;
  return busts === null ? words : `bust of ${words}`;
}

const EntryRow = ({ entry }) => html`<tr class=${entry.is_busted ? 'voided' : ''}>
  <td><${Time} at=${entry.effective_at} /></td>
  <td class="wrap">${kindOf(entry)}${entry.is_busted && html`<span class="chip">busted</span>`}</td>
  <td class="wide">${entry.account}</td>
  <td class="number"><${Price} value=${entry.amount} signed /> ${entry.currency}</td>
  <td class="wide muted">${entry.identity}</td></tr>`;

class Answer extends View {
  shown = PAGE;

  dependsOn() {
    return [state.asOf, this.shown, state.health?.timestamp].join(' ');
  }

  load() {
    return get('/api/v1/cash', {
      account: state.account, as_of: state.asOf, limit: this.shown,
    });
  }

  more = () => {
    this.shown = MOST;
    this.fetch();
  };

  view({ balances, value_usdt: value, missing_rates: missing, entries, count }) {
    const heading = html`<header class="title"><h1>Cash</h1></header>`;
    if (!count) {
      return html`<article>${heading}<${Empty} title="No cash yet">A deposit begins it:
        ${' '}<code>position-manager cash deposit</code> records one.<//></article>`;
    }
    return html`<article>${heading}
      <section class="panel flush" aria-label="Balances"><h2>Balances <span class="key">
          ${state.book && 'of the account, since books have no cash · '}worth ${' '}
          <${Money} value=${value} /><${Code} of="USDT" />${missing.length > 0 && ` without ${missing.join(', ')}`}</span></h2>
      <${Table} heads=${BALANCE_HEADS}>${balances.map((balance) => html`<${Balance}
        key=${`${balance.account} ${balance.currency}`} balance=${balance} />`)}<//></section>
      <section class="panel flush" aria-label="Cash entries"><h2>Entries
        <span class="key">${entries.length < count ? `newest ${entries.length} of ${count}` : count
        }</span></h2>
      <${Table} heads=${ENTRY_HEADS}>${entries.map((entry) => html`<${EntryRow}
        key=${entry.id} entry=${entry} />`)}<//>
      ${entries.length < count && this.shown < MOST && html`<p class="more"><button type="button"
        class="link" onClick=${this.more}>Show more</button></p>`}</section></article>`;
  }
}

// Nothing is left of one account when another is chosen.
export const Cash = () => html`<${Answer} key=${state.account} />`;
