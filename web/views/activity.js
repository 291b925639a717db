// Events as they come, above the newest entries of the ledger.
import { Component, html } from '../html.js';
import { rows } from '../api.js';
import { add, group, round, sign } from '../decimal.js';
import { Deal, Money, Price, Table, Time } from '../parts.js';
import { positionPath } from '../router.js';
import { state } from '../store.js';
import { View } from '../view.js';

const EVENT_HEADS = [
  ['Time'], ['Event'], ['Asset'], ['What', 'wide'],
];
const ENTRY_HEADS = [
  ['Executed'], ['Asset'], ['Account', 'wide'], ['Kind', 'wide'], ['Side'],
  ['Quantity', 'number'], ['Price', 'number'], ['Fee', 'number wide'], ['Source', 'wide'],
];

const kinds = [
  { id: 'all', label: 'All', test: () => true },
  { id: 'positions', label: 'Positions', test: ({ type }) => type.startsWith('position_') },
  { id: 'risk', label: 'Risk', test: ({ type }) => /^(limit|portfolio)_/.test(type) },
  { id: 'findings', label: 'Findings', test: ({ type }) => /^(discrepancy|service)_/.test(type) },
];
// Null is an amount that is unknown: of a position without a price, of a limit that is gone.
const known = (text, format) => (text === null || text === undefined ? '–' : format(text));
const rounded = (text) => known(text, (amount) => group(round(amount, 2)));
const money = (text) => known(text, (amount) => `${sign(amount) > 0 ? '+' : ''}${rounded(amount)}`);
const pnl = ({ unrealized_pnl: open, realized_pnl: realized }) => known(open, () => (
  money(add(open, realized))));

function describe(event) {
  if (event.type === 'position_updated' || event.type === 'position_closed') {
    return `size ${group(event.size)}, PnL ${pnl(event)}, ${
      event.update_source?.replaceAll('_', ' ') ?? ''}`;
  }
  if (event.type === 'portfolio_updated') {
    return `exposure ${rounded(event.total_exposure_usdt)}, PnL ${money(event.total_pnl_usdt)}`;
  }
  if (/^limit_/.test(event.type)) {
    return `${event.id ?? event.limit_id}: ${known(event.value, group)}`;
  }
  if (/^service_/.test(event.type)) {
    return [event.reason?.replaceAll('_', ' '), event.subject, event.detail]
      .filter(Boolean).join(', ');
  }
  return [event.kind, event.status].filter(Boolean).join(', ');
}

function EventRow({ event }) {
  return html`<tr><td><${Time} at=${event.occurred_at} short /></td>
    <td>${event.type.replaceAll('_', ' ')}</td>
    <td>${event.asset ? html`<a class="asset" href=${positionPath({
      account: event.account, asset: event.asset, mode: event.mode ?? 'one-way',
    })}>${event.asset}</a>` : '–'}<span class="muted"> ${event.account ?? ''}</span></td>
    <td class="wide">${describe(event)}</td></tr>`;
}

class Events extends Component {
  state = { kind: 'all' };

  render() {
    const { test } = kinds.find(({ id }) => id === this.state.kind);
    const events = state.events.filter(test).slice(0, 200);
    return html`<section class="panel flush" aria-label="Events"><h2>Events
      <span class="segments" role="group" aria-label="Which events">${kinds.map(({ id, label }) => html`
        <button type="button" aria-pressed=${this.state.kind === id}
          onClick=${() => this.setState({ kind: id })}>${label}</button>`)}</span></h2>
      ${events.length ? html`<${Table} heads=${EVENT_HEADS}>
      ${events.map((event) => html`<${EventRow} key=${event.cursor ?? event.version}
          event=${event} />`)}<//>`
    : html`<p class="nothing">${state.connection === 'live'
      ? 'Nothing has happened since this page was opened.'
      : 'Events appear here while the page is live.'}</p>`}</section>`;
  }
}

export class Activity extends View {
  dependsOn() {
    return [state.account, state.asOf, state.health?.timestamp].join(' ');
  }

  load() {
    return rows('fills', ['id', 'account', 'asset', 'mode', 'kind', 'side', 'quantity::text',
      'price::text', 'fee::text', 'executed_at', 'source'].join(), {
      ...(state.account && { account: `eq.${state.account}` }),
      ...(state.asOf && { executed_at: `lte.${state.asOf}` }),
      order: 'id.desc',
      limit: 100,
    });
  }

  view(entries) {
    return html`<article><header class="title"><h1>Activity</h1></header>
      ${!state.asOf && html`<${Events} />`}
      <section class="panel flush" aria-label="Newest entries"><h2>Newest entries of the ledger</h2>
      <${Table} heads=${ENTRY_HEADS}>${entries.map((entry) => html`
        <tr key=${entry.id}><td><${Time} at=${entry.executed_at} short /></td>
          <td><a class="asset" href=${positionPath(entry)}>${entry.asset}</a></td>
          <td class="wide">${entry.account}</td><td class="wide">${entry.kind}</td>
          <td><${Deal} side=${entry.side} /></td>
          <td class="number"><${Price} value=${entry.quantity} /></td>
          <td class="number"><${Price} value=${entry.price} /></td>
          <td class="number wide"><${Money} value=${entry.fee} digits=${4} /></td>
          <td class="wide muted">${entry.source}</td></tr>`)}<//></section></article>`;
  }
}
