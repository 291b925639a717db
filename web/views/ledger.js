// The entries of a position with its state after each, its closed cycles, and FIFO beside average.
import { Component, html } from '../html.js';
import { Deal, Money, Price, Table, Time, duration } from '../parts.js';
import { compare } from '../decimal.js';

const ENTRY_HEADS = [
  ['Time'], ['Kind', 'wide'], ['Side'], ['Quantity', 'number'], ['Price', 'number'],
  ['Fee', 'number wide'], ['Realized net by it', 'number wide'], ['Size after', 'number after'],
  ['Average after', 'number wide'], ['Realized after', 'number wide'], ['Source', 'wide'],
];
const CYCLE_HEADS = [
  ['Closed'], ['Side'], ['Held', 'number'], ['Entry', 'number'], ['Exit', 'number'],
  ['MAE / MFE', 'number', 'Largest adverse and favorable excursion'], ['Net PnL', 'number'],
];
const LOT_HEADS = [
  ['Leg'], ['Method'], ['Entry', 'number'], ['Cost', 'number'], ['Realized', 'number'],
  ['Unrealized', 'number'],
];

const PAGE = 25;

// Funding and distributions realize nothing: their value is the cash.
const isCash = (entry) => entry.kind === 'funding' || entry.kind === 'distribution';

function EntryRow({ entry, currency }) {
  return html`<tr class=${entry.is_voided ? 'voided' : ''}>
    <td><${Time} at=${entry.executed_at} /></td>
    <td class="wide">${entry.kind}${entry.leg !== 'net' && ` · ${entry.leg}`}${entry.is_voided
      && html`<span class="chip">${entry.voided_by}</span>`}</td>
    <td><${Deal} side=${entry.side} /></td>
    <td class="number"><${Price} value=${entry.quantity} /></td>
    <td class="number"><${Price} value=${entry.price} /></td>
    <td class="number wide"><${Money} value=${entry.fee} digits=${4} /></td>
    <td class="number wide"><${Money} value=${isCash(entry) ? null
      : entry.realized_pnl_change} of=${currency} signed /></td>
    <td class="number after"><${Price} value=${entry.size} /></td>
    <td class="number wide"><${Price} value=${entry.average_entry_price} /></td>
    <td class="number wide"><${Money} value=${entry.realized} of=${currency} signed /></td>
    <td class="wide muted">${entry.source}</td></tr>`;
}

export class Entries extends Component {
  state = { shown: PAGE };

  render({ entries, currency, isWhole }) {
    const { shown } = this.state;
    return html`<section class="panel flush" aria-label="Entries"><h2>Entries
      <span class="key">${isWhole ? entries.length : `newest ${entries.length}`}</span></h2>
      <${Table} heads=${ENTRY_HEADS}>${entries.slice(0, shown).map((entry) => html`<${EntryRow}
        key=${entry.id} currency=${currency} entry=${entry} />`)}<//>
      ${entries.length > shown && html`<p class="more"><button type="button" class="link"
        onClick=${() => this.setState({ shown: shown + 100 })}>Show more</button></p>`}</section>`;
  }
}

function summary(cycles) {
  const won = cycles.filter((cycle) => compare(cycle.net_pnl, '0') > 0).length;
  return cycles.length ? `${cycles.length} closed, ${won} won` : '';
}

export function Cycles({ cycles, currency }) {
  return html`<section class="panel flush" aria-label="Closed cycles"><h2>Cycles
    <span class="key">${summary(cycles)}</span></h2>
    ${cycles.length ? html`<${Table} heads=${CYCLE_HEADS}>
      ${cycles.slice(0, PAGE).map(
      (cycle) => html`<tr key=${cycle.closing_entry_id}><td><${Time} at=${cycle.closed_at} /></td>
        <td>${cycle.direction === 'long' ? '▲ Long' : '▼ Short'}</td>
        <td class="number">${duration(cycle.duration_minutes * 60)}</td>
        <td class="number"><${Price} value=${cycle.average_entry_price} /></td>
        <td class="number"><${Price} value=${cycle.average_exit_price} /></td>
        <td class="number muted"><${Money} value=${cycle.mae} of=${currency} /> / <${Money}
          value=${cycle.mfe} of=${currency} /></td>
        <td class="number"><${Money} value=${cycle.net_pnl} of=${currency} signed /></td></tr>`)}<//>`
    : html`<p class="nothing">No cycle is closed yet.</p>`}</section>`;
}

export function Fifo({ legs, currency }) {
  return html`<section class="panel flush" aria-label="FIFO beside average"><h2>FIFO beside average</h2>
    ${legs.length ? html`<${Table} heads=${LOT_HEADS}>${legs.map((leg) => html`
      <tr><td>${leg.leg}</td><td>average</td>
        <td class="number"><${Price} value=${leg.average_entry_price} /></td>
        <td class="number"><${Money} value=${leg.average_cost} of=${currency} /></td>
        <td class="number"><${Money} value=${leg.average_realized} of=${currency} signed /></td>
        <td class="number"><${Money} value=${leg.average_unrealized_pnl} of=${currency} signed /></td></tr>
      <tr><td>${leg.leg}</td><td>FIFO, ${leg.lots} ${leg.lots === 1 ? 'lot' : 'lots'}</td>
        <td class="number"><${Price} value=${leg.fifo_average_entry_price} /></td>
        <td class="number"><${Money} value=${leg.fifo_cost} of=${currency} /></td>
        <td class="number"><${Money} value=${leg.fifo_realized} of=${currency} signed /></td>
        <td class="number"><${Money} value=${leg.fifo_unrealized_pnl} of=${currency} signed /></td></tr>`)}<//>`
    : html`<p class="nothing">Nothing is open.</p>`}</section>`;
}
