// The figures above every view: money first, then limits, then health.
import { html } from '../html.js';
import { state } from '../store.js';
import { Code, totalsOf } from '../currency.js';
import { drawdown, netToday, unknownDays } from '../days.js';
import { compare } from '../decimal.js';
import { Money, Ratio, duration, listed } from '../parts.js';

function Figure({ label, to, currency = 'USDT', children, note }) {
  return html`<div class="tile"><dt>${to ? html`<a class="cover" href=${to}>${label}</a>` : label}
      <${Code} of=${currency} /></dt>
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

// The part of the equity that is no PnL of any time.
const CurrencyEffect = ({ totals: { currency, currency_effect: effect } }) => effect && html`, <span
  title="What rates have done to realized PnL since">rates <${Money} value=${effect}
  of=${currency} signed /></span>`;

// What the equity is by, or why there is no return on it.
function Return({ of: { return: ratio, cash_usdt: cash, missing_rates: missing } }) {
  if (ratio !== null) {
    return html`<span title=${cash === null ? 'Net PnL / capital'
      : 'Time-weighted: deposits and withdrawals make no difference'}>return <${Ratio}
      value=${ratio} signed /></span>`;
  }
  if (state.book) return 'net PnL of the book';
  if (cash === null) return 'net PnL, no capital set';
  return missing.length ? `no return without a rate of ${missing.join(', ')}` : 'return unknown';
}

export function Headline() {
  const { portfolio, health } = state;
  if (!portfolio) return null;
  const totals = totalsOf(portfolio);
  const { currency } = totals;
  const daysCurrency = state.periods?.[0]?.currency ?? currency;
  const limits = limitsSummary(portfolio.limits);
  const counts = `${portfolio.long_positions_count} long, ${portfolio.short_positions_count} short`;
  return html`<dl class="headline" aria-label="Totals">
    <${Figure} label="Equity" currency=${currency} to="#/performance"
      note=${html`<${Return} of=${portfolio} />`}>
      <${Money} value=${totals.equity} of=${currency} /><//>
    <${Figure} label=${state.asOf ? 'Net PnL that day' : 'Net PnL today'} to="#/performance"
      currency=${daysCurrency} note=${html`in all <${Money} value=${totals.net_pnl} of=${currency}
        signed />${
  daysCurrency !== currency && html` <${Code} of=${currency} />`}<${
  CurrencyEffect} totals=${totals} />`}>
      <${Money} value=${netToday()} of=${daysCurrency} signed arrow /><//>
    <${Figure} label="Unrealized" currency=${currency} to="#/positions" note=${counts}>
      <${Money} value=${totals.total_unrealized_pnl} of=${currency} signed arrow /><//>
    <${Figure} label="Exposure" currency=${currency} to="#/exposure"
      note=${html`net <${Money} value=${totals.net_exposure} of=${currency} signed />`}>
      <${Money} value=${totals.total_exposure} of=${currency} /><//>
    <${Figure} label="Drawdown" currency=${daysCurrency} to="#/performance" note="from the best close">
      <${Money} value=${drawdown()} of=${daysCurrency} /><//>
    <${Figure} label="Limits" to="#/limits" note=${limits.worst
      ? html`highest use <${Ratio} value=${limits.worst.utilisation} digits=${1} />` : ''}>
      <span class=${`level ${limits.level}`}>${limits.text}</span><//>
    <${Health} health=${health} />
  </dl>`;
}

// Why totals are incomplete.
function doubts({ unpriced, assumed_instruments: assumed, missing_rates: missing, reporting }) {
  const { currency, rate, missing_rates_then: then } = reporting ?? {};
  const named = (text, names) => names?.length > 0 && `${text} ${listed(names)}`;
  return [
    named('no price or rate for', unpriced),
    named('assumed to be linear in USDT:', assumed),
    named('no rate for cash in', missing),
    reporting && !rate && `no rate for ${currency}, amounts are in USDT`,
    named('no rate at the time of realized PnL for', then),
  ].filter(Boolean);
}

export function Incomplete() {
  const { portfolio } = state;
  if (!portfolio) return null;
  const { reporting } = portfolio;
  const isComplete = portfolio.complete && reporting?.complete !== false;
  const stale = [...new Set([...portfolio.stale_rates, ...reporting?.stale_rates ?? []])];
  const unknown = unknownDays();
  if (isComplete && !stale.length && !unknown.length) return null;
  return html`<p class="notice" role="status"><span aria-hidden="true">◆</span>
    ${!isComplete && ` The totals are incomplete: ${doubts(portfolio).join('; ')
      || 'a position has no price'}.`}${stale.length > 0 && ` Stale rates: ${listed(stale)}.`}${
  unknown.length > 0 && ` Without a rate at the time, the PnL of ${listed(unknown)} is unknown: the
    curves leave it out.`}</p>`;
}
