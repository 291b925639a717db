// One position: its figures, price with fills, size over time, and what its ledger says.
import { Component, html } from '../html.js';
import { Chart } from '../chart.js';
import { Marks } from '../columns.js';
import { Code } from '../currency.js';
import { add, subtract } from '../decimal.js';
import { Fact, Money, Percent, Price, Ratio, Side, Size, Time, duration } from '../parts.js';
import { loadLine, loadPosition, ranges } from '../position-data.js';
import { state } from '../store.js';
import { View } from '../view.js';
import { Books } from './books.js';
import { Cycles, Entries, Fifo } from './ledger.js';
import { Findings } from './findings.js';


// The row of the store is newer than what was loaded: it is the one that events change.
const current = (position) => (state.asOf ? position
  : state.positions?.get(position.id) ?? position);

function Facts({ position }) {
  const row = current(position);
  const { settlement_currency: currency } = row;
  return html`<dl class="facts">
    <${Fact} label="Size"><${Side} size=${row.size} long=${row.long_size} short=${row.short_size} />
      ${' '}<${Size} value=${row.size} /><//>
    ${row.mode === 'hedge' && html`<${Fact} label="Long / short"><${Size} value=${row.long_size} />
      ${' / '}<${Size} value=${row.short_size} /><//>`}
    <${Fact} label="Entry"><${Price} value=${row.average_entry_price} /><//>
    <${Fact} label="Price"><${Price} value=${row.current_price} /><//>
    <${Fact} label="Break-even"><${Price} value=${row.break_even_price} /><//>
    <${Fact} label="Unrealized"><${Money} value=${row.unrealized_pnl} of=${currency} signed arrow />
      ${' '}<${Percent} value=${row.unrealized_pnl_pct} signed /><//>
    <${Fact} label="Realized net"><${Money}
      value=${subtract(row.realized_pnl, row.funding)} of=${currency} signed /><//>
    <${Fact} label="Net PnL"><${Money} value=${row.net_pnl} of=${currency} signed arrow /><//>
    <${Fact} label="Fees"><${Money} value=${row.fees_paid} of=${currency} /><//>
    <${Fact} label="Funding"><${Money} value=${row.funding} of=${currency} signed /><//>
    <${Fact} label="Share"><${Ratio} value=${row.position_size_norm} digits=${1} /><//>
    <${Fact} label="Held">${row.time_held_minutes === null ? '–'
      : duration(row.time_held_minutes * 60)}<//>
    <${Fact} label="Price of"><${Time} at=${row.price_updated_at} short /><//>
  </dl>`;
}

class PriceChart extends View {
  dependsOn({ asset, from, to }) {
    return `${asset} ${from} ${to}`;
  }

  load(props) {
    return loadLine(props);
  }

  view({ times, prices }) {
    const { asset, from, entries } = this.props;
    const since = Date.parse(from) / 1000;
    const marks = entries.filter((entry) => entry.kind === 'trade' && !entry.is_voided)
      .map(({ executed_at: at, adjusted_price: price, side }) => (
        { at: Date.parse(at) / 1000, price, side }))
      .filter(({ at }) => at >= since);
    if (this.drawn?.times !== times || this.drawn.entries !== entries) {
      this.drawn = { times, entries, series: [{ label: 'price', values: prices }] };
    }
    return html`<${Chart} times=${times} series=${this.drawn.series} marks=${marks} height=${260}
      sync="position" label=${`Price of ${asset} with ${marks.length} fills`} />`;
  }
}

class SizeChart extends Component {
  render({ entries, from, to, asset }) {
    if (this.drawn?.entries !== entries || this.drawn.from !== from) {
      const since = Date.parse(from) / 1000;
      const legs = new Map();
      const points = [...entries].reverse().filter((entry) => !entry.is_voided).map((entry) => {
        legs.set(entry.leg, entry.size);
        return [Date.parse(entry.executed_at) / 1000, add('0', ...legs.values())];
      });
      const before = points.filter(([at]) => at < since).at(-1);
      const within = points.filter(([at]) => at >= since);
      const last = within.at(-1) ?? before;
      const all = [...(before ? [[since, before[1]]] : []), ...within,
        ...(last ? [[Date.parse(to) / 1000, last[1]]] : [])];
      this.drawn = {
        entries,
        from,
        times: all.map(([at]) => at),
        series: [{ label: 'size', values: all.map(([, size]) => size), kind: 'steps' }],
      };
    }
    return html`<${Chart} times=${this.drawn.times} series=${this.drawn.series} zero height=${120}
      sync="position" label=${`Size of the position in ${asset} over time`} />`;
  }
}

export class Position extends View {
  range = 'all';

  dependsOn({ route }) {
    const row = [...state.positions?.values() ?? []].find((held) => held.asset === route.asset
      && held.account === route.account && held.mode === route.mode);
    return [route.account, route.asset, route.mode, route.book, state.asOf, row?.size,
      row?.realized_pnl, row?.needs_review].join(' ');
  }

  load({ route }) {
    return loadPosition({ ...route, asOf: state.asOf });
  }

  // The ends stay put until the entries are loaded again: the charts are then drawn again.
  span(entries) {
    if (this.spanned?.entries !== entries || this.spanned.range !== this.range) {
      const to = state.asOf ?? new Date().toISOString();
      const { hours } = ranges.find(({ id }) => id === this.range);
      const first = entries.at(-1)?.executed_at ?? to;
      const from = new Date(hours ? Date.parse(to) - hours * 3_600_000
        : Math.min(Date.parse(first), Date.parse(to) - 60_000)).toISOString();
      this.spanned = { entries, range: this.range, from, to };
    }
    return this.spanned;
  }

  view(data) {
    const { position, entries } = data;
    const { settlement_currency: currency } = position;
    const { from, to } = this.span(entries);
    const row = current(position);
    return html`<article>
      <header class="title"><a class="back" href="#/positions" aria-label="Back to all positions"
          >←</a><h1>${position.asset}</h1><span class="chip">${position.account}</span>
        ${position.book && html`<span class="chip">${position.book}</span>`}
        <span class="chip">${position.mode}</span>
        <${Code} of=${currency} /><${Marks} row=${row} />
        <div class="segments" role="group" aria-label="Range of the charts">${ranges.map(
          ({ id, label }) => html`<button type="button" aria-pressed=${this.range === id}
            onClick=${() => { this.range = id; this.forceUpdate(); }}>${label}</button>`)}</div>
      </header>
      <${Facts} position=${position} />
      <section class="panel" aria-label="Price and fills"><h2>Price and fills
        <span class="key"><i class="up">▲</i> buy <i class="down">▼</i> sell</span></h2>
        <${PriceChart} asset=${position.asset} from=${from} to=${to} entries=${entries} />
        <h2>Size</h2>
        <${SizeChart} asset=${position.asset} entries=${entries} from=${from} to=${to} /></section>
      ${!position.book && html`<${Books} position=${row} />`}
      <${Findings} data=${data} again=${this.fetch} />
      <${Entries} entries=${entries} currency=${currency} isWhole=${data.isWhole} />
      ${data.fifo ? html`<div class="columns"><${Cycles} cycles=${data.cycles} currency=${currency} />
        <${Fifo} legs=${data.fifo} currency=${currency} /></div>` : html`<${Cycles} cycles=${data.cycles}
        currency=${currency} />`}
    </article>`;
  }
}
