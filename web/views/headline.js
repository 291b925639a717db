// The figures above every view: money first, then limits, then health.
import { html } from '../html.js';
import { state } from '../store.js';
import { drawdown, netToday } from '../days.js';
import { compare } from '../decimal.js';
import { Money, Ratio, duration } from '../parts.js';

function Figure({ label, to, children, note }) {
  return html`<div class="tile"><dt>${to ? html`<a class="cover" href=${to}>${label}</a>` : label}</dt>
    <dd class="figure">${children}</dd><dd class="note">${note}</dd></div>`;
}

export function limitsSummary(limits) {
  const breached = limits.filter((limit) => limit.level === 'breach').length;
  const warned = limits.filter((limit) => limit.level === 'warn').length;
  const worst = limits.reduce(
    (most, limit) => (!most || compare(limit.utilisation, most.utilisation) > 0 ? limit : most),
    null,
  );
  if (breached) return { level: 'breach', text: `▲ ${breached} breached`, worst };
  if (warned) return { level: 'warn', text: `◆ ${warned} near`, worst };
  return { level: 'ok', text: limits.length ? '● Within' : 'None set', worst };
}

const shapes = { healthy: '●', degraded: '◆', unhealthy: '▲' };
const words = { healthy: 'Healthy', degraded: 'Degraded', unhealthy: 'Unhealthy' };

function Health({ health }) {
  if (!health) return html`<${Figure} label="Health">–<//>`;
  const age = health.ledger_verified_at
    ? (Date.parse(health.timestamp) - Date.parse(health.ledger_verified_at)) / 1000 : null;
  const lag = health.worker_lag_ms === null || health.worker_lag_ms === undefined
    ? '–' : duration(health.worker_lag_ms / 1000);
  return html`<${Figure} label=${state.asOf ? 'Health now' : 'Health'} to="#/operations"
    note=${html`fills ${duration(health.newest_fill_age_seconds)} · prices ${
  duration(health.newest_price_age_seconds)} · lag ${lag}<br />${
  age === null ? 'never verified' : `verified ${duration(age)} ago`}`}>
    <span class=${`level ${health.status}`}><i aria-hidden="true">${shapes[health.status] ?? '▲'}</i>
    ${' '}${words[health.status] ?? health.status}</span><//>`;
}

export function Headline() {
  const { portfolio, health } = state;
  if (!portfolio) return null;
  const limits = limitsSummary(portfolio.limits);
  const counts = `${portfolio.long_positions_count} long, ${portfolio.short_positions_count} short`;
  return html`<dl class="headline" aria-label="Totals">
    <${Figure} label="Equity" to="#/performance" note=${portfolio.return === null
      || portfolio.return === undefined ? 'net PnL, no capital set'
      : html`return <${Ratio} value=${portfolio.return} signed />`}>
      <${Money} value=${portfolio.equity_usdt} /><//>
    <${Figure} label=${state.asOf ? 'Net PnL that day' : 'Net PnL today'} to="#/performance"
      note=${html`in all <${Money} value=${portfolio.net_pnl_usdt} signed />`}>
      <${Money} value=${netToday()} signed arrow /><//>
    <${Figure} label="Unrealized" to="#/positions" note=${counts}>
      <${Money} value=${portfolio.total_unrealized_pnl_usdt} signed arrow /><//>
    <${Figure} label="Exposure" to="#/exposure"
      note=${html`net <${Money} value=${portfolio.net_exposure_usdt} signed />`}>
      <${Money} value=${portfolio.total_exposure_usdt} /><//>
    <${Figure} label="Drawdown" to="#/performance" note="from the best close">
      <${Money} value=${drawdown()} /><//>
    <${Figure} label="Limits" to="#/limits" note=${limits.worst
      ? html`highest use <${Ratio} value=${limits.worst.utilisation} digits=${1} />` : ''}>
      <span class=${`level ${limits.level}`}>${limits.text}</span><//>
    <${Health} health=${health} />
  </dl>`;
}

export function Incomplete() {
  const { portfolio } = state;
  if (!portfolio || portfolio.complete) return null;
  const reasons = [
    portfolio.unpriced.length && `no price or rate for ${portfolio.unpriced.join(', ')}`,
    portfolio.assumed_instruments.length
      && `assumed to be linear in USDT: ${portfolio.assumed_instruments.join(', ')}`,
  ].filter(Boolean);
  return html`<p class="notice" role="status"><span aria-hidden="true">◆</span>
    The totals are incomplete: ${reasons.join('; ') || 'a position has no price'}.</p>`;
}
