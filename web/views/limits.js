// Limits with their use, and every breach with its peak and end.
import { html } from '../html.js';
import { rows } from '../api.js';
import { Code } from '../currency.js';
import { compare } from '../decimal.js';
import { Bar, Empty, Money, Price, Ratio, Table, Time, duration } from '../parts.js';
import { state } from '../store.js';
import { View } from '../view.js';

const LIMIT_HEADS = [
  ['Limit'], ['On', 'wide'], ['Value', 'number'], ['Warning', 'number wide'],
  ['Limit', 'number'], ['Used', 'number'], ['Level', 'wide'],
];
const BREACH_HEADS = [
  ['Limit'], ['On', 'wide'], ['Began'], ['Lasted'], ['Peak', 'number'],
  ['Limit then', 'number wide'],
];

const metrics = {
  gross_exposure: 'Gross exposure',
  net_exposure: 'Net exposure',
  position_size: 'Position size',
  exposure_share: 'Share of the exposure',
  drawdown: 'Drawdown',
  daily_loss: 'Loss of the day',
  open_positions: 'Open positions',
  order_size: 'Order size',
};
const levels = { ok: '● within', warn: '◆ near', breach: '▲ breached' };

const scopeOf = ({ account, book, asset }) => [account ?? 'all accounts', book, asset]
  .filter(Boolean).join(' · ');

function Value({ metric, value }) {
  if (value === null) return '–';
  if (metric === 'exposure_share') return html`<${Ratio} value=${value} digits=${1} />`;
  return ['position_size', 'open_positions'].includes(metric) ? html`<${Price} value=${value} />` : html`<${Money} value=${value} />`;
}

function Current({ limits }) {
  if (!limits.length) {
    return html`<${Empty} title="No limits are set"><code>position-manager risk-limits set</code> sets
      one, for all accounts, an account, a book or an asset.<//>`;
  }
  const sorted = [...limits].sort((a, b) => compare(b.utilisation, a.utilisation));
  return html`<section class="panel flush" aria-label="Limits"><h2>Use<${Code} of="USDT" /></h2>
    <${Table} heads=${LIMIT_HEADS}>
      ${sorted.map((limit) => html`<tr key=${limit.id}>
      <td><strong>${metrics[limit.metric] ?? limit.metric}</strong><span class="under">${
        scopeOf(limit)} ${levels[limit.level]}</span></td>
      <td class="wide">${scopeOf(limit)}</td>
      <td class="number"><${Value} metric=${limit.metric} value=${limit.value} /></td>
      <td class="number wide muted"><${Value} metric=${limit.metric} value=${limit.warn} /></td>
      <td class="number"><${Value} metric=${limit.metric} value=${limit.limit} /></td>
      <td class="number"><${Bar} ratio=${limit.utilisation} level=${`long ${limit.level}`} />
        <${Ratio} value=${limit.utilisation} digits=${1} /></td>
      <td class="wide"><span class=${`mark ${limit.level}`}>${levels[limit.level]}</span></td>
    </tr>`)}<//></section>`;
}

export class Limits extends View {
  dependsOn() {
    return [state.account, state.book, state.asOf, state.portfolio?.limits.map(({ level }) => level)].join(' ');
  }

  load() {
    return rows('limit_breaches', ['id', 'account', 'book', 'asset', 'metric', 'breach_level::text',
      'peak_value::text', 'peak_at', 'began_at', 'ended_at'].join(), {
      ...(state.account && { account: `eq.${state.account}` }),
      ...(state.book && { book: `eq.${state.book}` }),
      ...(state.asOf && { began_at: `lte.${state.asOf}` }),
      order: 'began_at.desc',
      limit: 200,
    });
  }

  view(breaches) {
    return html`<article><header class="title"><h1>Limits</h1></header>
      <${Current} limits=${state.portfolio?.limits ?? []} />
      <section class="panel flush" aria-label="Breaches"><h2>Breaches<${Code} of="USDT" />
        <span class="key">${breaches.length || ''}</span></h2>
      ${breaches.length ? html`<${Table} heads=${BREACH_HEADS}>
      ${breaches.map((breach) => html`<tr key=${breach.id}>
          <td><strong>${metrics[breach.metric] ?? breach.metric}</strong></td>
          <td class="wide">${scopeOf(breach)}</td><td><${Time} at=${breach.began_at} short /></td>
          <td>${breach.ended_at ? duration((Date.parse(breach.ended_at)
            - Date.parse(breach.began_at)) / 1000) : html`<span class="mark breach">▲ still</span>`}</td>
          <td class="number"><${Value} metric=${breach.metric} value=${breach.peak_value} /></td>
          <td class="number wide"><${Value} metric=${breach.metric} value=${breach.breach_level} /></td>
        </tr>`)}<//>`
    : html`<p class="nothing">No limit was ever breached.</p>`}</section>
    </article>`;
  }
}
