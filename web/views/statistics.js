// Statistics of closed cycles and of daily returns: of all together, or by a part.
import { Component, html } from '../html.js';
import { get } from '../api.js';
import { Code } from '../currency.js';
import { group } from '../decimal.js';
import { Fact, Money, Ratio, Size, Table, duration } from '../parts.js';
import { state } from '../store.js';
import { View } from '../view.js';

const parts = [
  { id: null, label: 'All' },
  { id: 'account', label: 'Account' },
  { id: 'asset', label: 'Asset' },
  // A period is named by the beginning of its first day.
  { id: 'week', label: 'Week', named: 'YYYY-MM-DD'.length },
  { id: 'month', label: 'Month', named: 'YYYY-MM'.length },
  { id: 'year', label: 'Year', named: 'YYYY'.length },
];
// Computed from the whole ledger: asked for again this often, not with each fill.
const RENEW = 300_000;

const Amount = ({ row, of }) => html`<${Money} value=${row[of]} of=${row.settlement_currency}
  signed />`;
const Won = ({ count }) => html`<span class="muted roomy"> ${group(String(count))} won</span>`;

// What a figure is called, how it is shown, and what it means. `wide`: not on a phone.
const cycleFigures = [
  { label: 'Cycles', of: (row) => html`${group(String(row.trades))}<${Won} count=${row.won} />`,
    title: 'From flat to flat; won or lost by the net PnL' },
  { label: 'Win rate', of: (row) => html`<${Ratio} value=${row.win_rate} digits=${1} />` },
  { label: 'Profit factor', wide: true, title: 'Sum of the gains / sum of the losses',
    of: (row) => html`<${Money} value=${row.profit_factor} />` },
  { label: 'Net PnL', of: (row) => html`<${Amount} row=${row} of="net_pnl" />` },
  { label: 'Expectancy', wide: true, title: 'Average net PnL of a cycle',
    of: (row) => html`<${Amount} row=${row} of="expectancy" />` },
  { label: 'Best', wide: true, of: (row) => html`<${Amount} row=${row} of="best" />` },
  { label: 'Worst', wide: true, of: (row) => html`<${Amount} row=${row} of="worst" />` },
  { label: 'Held', wide: true, title: 'Average time from opening to closing',
    of: (row) => html`<span class="num">${duration(row.average_minutes * 60)}</span>` },
  { label: 'Turnover', wide: true, title: 'Sum of the values opened and closed',
    of: (row) => html`<${Size} value=${row.turnover} />` },
];

const length = (row) => (row.max_drawdown_days === null ? '–' : html`<span class="num"
  title=${`${row.max_drawdown_from} to ${row.max_drawdown_to}`}>${row.max_drawdown_days} d</span>`);

const dayFigures = [
  { label: 'Days', of: (row) => html`${row.days}<${Won} count=${row.winning_days} />`,
    title: 'Days with a return: their net PnL / the equity before them' },
  { label: 'Return', title: 'Compounded: deposits and withdrawals make no difference',
    of: (row) => html`<${Ratio} value=${row.total_return} signed />` },
  { label: 'Sharpe', of: (row) => html`<${Money} value=${row.sharpe} />`,
    title: 'Mean / standard deviation of the daily returns, in a year of 365 days' },
  { label: 'Sortino', wide: true, of: (row) => html`<${Money} value=${row.sortino} />`,
    title: 'As the Sharpe ratio, by the deviation of the losses alone' },
  { label: 'Calmar', wide: true, of: (row) => html`<${Money} value=${row.calmar} />`,
    title: 'Annual return / drawdown' },
  { label: 'Annual return', wide: true,
    of: (row) => html`<${Ratio} value=${row.annual_return} signed />` },
  { label: 'Best day', wide: true, of: (row) => html`<${Ratio} value=${row.best_return} signed />` },
  { label: 'Worst day', wide: true,
    of: (row) => html`<${Ratio} value=${row.worst_return} signed />` },
  { label: 'Drawdown', of: (row) => html`<${Ratio} value=${row.max_drawdown} />`,
    title: 'Largest loss from a peak, as a part of it' },
  { label: 'Its length', wide: true, of: length,
    title: 'Until the peak was reached again, or to the newest day' },
];

// Returns are ratios: they have no currency.
const Unit = ({ row: { settlement_currency: of } }) => of && html`<${Code} of=${of} />`;
const Doubt = ({ row }) => row.complete === false && html`<span class="mark stale"
  title="A price or a rate is missing on one of the days">Incomplete</span>`;

function Group({ title, figures, rows, part, nothing }) {
  if (!rows.length) return html`<h3>${title}</h3><p class="nothing">${nothing}</p>`;
  const keyOf = (row) => `${row.part} ${row.settlement_currency}`;
  if (!part.id) {
    return rows.map((row) => html`<h3>${title}<${Unit} row=${row} />
      <${Doubt} row=${row} /></h3>
      <dl class="facts" key=${keyOf(row)}>${figures.map(({ label, title: meaning, of }) => html`
        <${Fact} label=${label} title=${meaning}>${of(row)}<//>`)}</dl>`);
  }
  const heads = [[part.label], ...figures.map((figure) => (
    [figure.label, `number ${figure.wide ? 'wide' : ''}`, figure.title]))];
  return html`<h3>${title}</h3><${Table} heads=${heads}>${rows.map((row) => html`
    <tr key=${keyOf(row)}><td><strong>${row.part.slice(0, part.named)}</strong><${Unit}
      row=${row} /><${Doubt} row=${row} /></td>
      ${figures.map(({ wide, of }) => html`<td class=${`number ${wide ? 'wide' : ''}`}
        >${of(row)}</td>`)}</tr>`)}<//>`;
}

class Answer extends View {
  dependsOn() {
    return [state.asOf, Math.floor(Date.parse(state.health?.timestamp ?? 0) / RENEW)].join(' ');
  }

  load({ part, from }) {
    return get('/api/v1/statistics', {
      by: part.id, account: state.account, book: state.book, from, to: state.asOf,
    });
  }

  view({ statistics, days }) {
    const { part } = this.props;
    const ordered = (rows) => (part.named ? [...rows].reverse() : rows);
    return html`<${Group} title="Closed cycles" figures=${cycleFigures} part=${part}
        rows=${ordered(statistics)} nothing="No cycle is closed yet." />
      <${Group} title="Daily returns" figures=${dayFigures} part=${part}
        rows=${state.book ? [] : ordered(days.filter((row) => row.days > 0))}
        nothing=${state.book ? 'A book has no equity of its own, and so no returns.'
    : 'No day has a return: that takes cash or a capital of the account.'} />`;
  }
}

// `from`: when the first of the days that are shown begins, or null for all.
export class Statistics extends Component {
  state = { part: null };

  render({ from }) {
    const offered = parts.filter(({ id }) => (
      id !== 'account' || (!state.account && state.accounts.length > 1)));
    const part = offered.find(({ id }) => id === this.state.part) ?? parts[0];
    return html`<section class="panel flush tall statistics" aria-label="Statistics"><h2>Statistics
        <span class="segments" role="group" aria-label="By">${offered.map(({ id, label }) => html`
          <button type="button" aria-pressed=${part.id === id}
            onClick=${() => this.setState({ part: id })}>${label}</button>`)}</span></h2>
      <${Answer} key=${[part.id, state.account, state.book, from].join(' ')} part=${part}
        from=${from} /></section>`;
  }
}
