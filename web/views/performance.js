// Equity, drawdown and PnL by day; the calendar; statistics; totals by account and asset.
import { Component, html } from '../html.js';
import { Chart } from '../chart.js';
import { Code } from '../currency.js';
import { belowPeak, daysShown, sums } from '../days.js';
import { compare, group, placesOf, round, sign, sum } from '../decimal.js';
import { Empty, Fact, Loading, Money } from '../parts.js';
import { state } from '../store.js';
import { Calendar } from './calendar.js';
import { Breakdown } from './breakdown.js';
import { Statistics } from './statistics.js';

const ranges = [
  { id: 30, label: '30 d' },
  { id: 90, label: '90 d' },
  { id: 365, label: '1 y' },
  { id: 1000, label: 'All' },
];

const curves = [{ id: 'equity', label: 'Equity' }, { id: 'net', label: 'Net PnL' }];

function series(days) {
  const nets = days.map((day) => day.net_pnl);
  const pick = (wanted) => nets.map((net) => (net !== null && sign(net) === wanted ? net : null));
  const digits = placesOf(days[0].currency);
  return {
    times: days.map((day) => Date.parse(day.period_start) / 1000),
    equity: [{
      label: 'equity', values: days.map((day) => day.closing_equity_usdt), kind: 'area', digits: 2,
    }],
    net: [{ label: 'net PnL', values: sums(nets), kind: 'area', digits }],
    drawdown: [{ label: 'drawdown', values: belowPeak(nets), kind: 'area', tone: 'down', digits }],
    pnl: [{ label: 'gain', values: pick(1), kind: 'bars', tone: 'up', digits },
      { label: 'loss', values: pick(-1), kind: 'bars', tone: 'down', digits }],
  };
}

function Summary({ days }) {
  const nets = days.map((day) => day.net_pnl);
  const isKnown = !nets.includes(null);
  const won = nets.filter((net) => sign(net) > 0).length;
  const lost = nets.filter((net) => sign(net) < 0).length;
  const ordered = isKnown ? [...nets].sort(compare) : [null];
  const { currency } = days[0];
  const named = (label) => html`${label}<${Code} of=${currency} />`;
  const sumOf = (name) => sum(days.map((day) => day[name]));
  return html`<dl class="facts"><${Fact} label=${named('Net PnL')}><${Money}
      value=${sum(nets)} of=${currency} signed arrow /><//>
    <${Fact} label="Days won / lost">${isKnown ? `${won} / ${lost}` : '–'}<//>
    <${Fact} label=${named('Best day')}><${Money} value=${ordered.at(-1)} of=${currency} signed /><//>
    <${Fact} label=${named('Worst day')}><${Money} value=${ordered[0]} of=${currency} signed /><//>
    <${Fact} label=${named('Fees')}><${Money} value=${sumOf('fees_paid')} of=${currency} /><//>
    <${Fact} label=${named('Funding')}><${Money} value=${sumOf('funding')} of=${currency} signed /><//>
    ${currency !== 'USDT' && html`<${Fact} label=${named('Currency effect')}
      title="What rates did to what was earned before"><${Money}
      value=${sumOf('currency_effect')} of=${currency} signed /><//>`}</dl>`;
}

export class Performance extends Component {
  state = { range: 90, curve: 'equity' };

  drawn = {};

  render() {
    if (!state.portfolio || !state.periods) return html`<${Loading} />`;
    const all = daysShown();
    const days = all.slice(-this.state.range);
    if (!days.length) {
      return html`<${Empty} title="No PnL yet">The first fill begins the curve.<//>`;
    }
    const newest = days.at(-1);
    const key = `${days.length} ${newest.period_start} ${newest.closing_equity_usdt} ${newest.net_pnl} ${
      newest.currency} ${state.account} ${state.book}`;
    if (this.drawn.key !== key) this.drawn = { key, ...series(days) };
    const { times, drawdown, pnl } = this.drawn;
    const { curve } = this.state;
    const code = html`<${Code} of=${newest.currency} />`;
    return html`<article><header class="title"><h1>Performance</h1>
        <div class="segments" role="group" aria-label="Range">${ranges.map(({ id, label }) => html`
          <button type="button" aria-pressed=${this.state.range === id}
            onClick=${() => this.setState({ range: id })}>${label}</button>`)}</div></header>
      <${Summary} days=${days} />
      <section class="panel" aria-label="Equity"><h2>At the end of each day
        <span class="segments" role="group" aria-label="Curve">${curves.map(({ id, label }) => html`
          <button type="button" aria-pressed=${curve === id}
            onClick=${() => this.setState({ curve: id })}>${label}</button>`)}</span>
        ${curve === 'net' ? code : html`<${Code} of="USDT" />`}</h2>
        <${Chart} times=${times} series=${this.drawn[curve]} zero=${curve === 'net'} day
          height=${240} sync="days"
          label=${`Equity by day, now ${group(round(newest.closing_equity_usdt, 2))} USDT`} /></section>
      <div class="columns even">
        <section class="panel" aria-label="PnL by day"><h2>Net PnL by day${code}</h2>
          <${Chart} times=${times} series=${pnl} day zero height=${180} sync="days"
            label="Net PnL of each day as bars" /></section>
        <section class="panel" aria-label="Drawdown"><h2>Net PnL below its peak${code}</h2>
          <${Chart} times=${times} series=${drawdown} day zero height=${180} sync="days"
            label="Net PnL below its peak, by day" /></section></div>
      <${Statistics} from=${days.length < all.length || !state.hasAllPeriods
        ? days[0].starts_at : null} />
      <${Breakdown}><${Calendar} days=${all.slice(-371)} /><//>
    </article>`;
  }
}
