// What the PnL by day says of the present, or of the moment that is looked at.
import { add, compare, negate, subtract, sum } from './decimal.js';
import { totalsOf } from './currency.js';
import { state } from './store.js';

// Oldest first, with the day that is looked at.
export function daysShown() {
  return (state.periods ?? []).filter((day) => !state.asOf || day.starts_at < state.asOf).reverse();
}

// Those whose PnL is unknown, since a rate was missing then.
export const unknownDays = () => daysShown().filter((day) => day.net_pnl === null)
  .map((day) => day.period_start);

const dayAt = (moment) => state.periods
  .find((day) => day.starts_at <= moment && moment < day.ends_at);

const endedBefore = (moment) => state.periods.filter((day) => day.ends_at <= moment).reverse();

// Net PnL since the start of the day. Of a former day up to the moment that is looked at: that of
// all days until then less that of the days before, which takes every one of them. Unknown in another
// currency: the days have the effect of its rate, the total has not.
export function netToday() {
  const { asOf, periods, portfolio } = state;
  if (!periods) return null;
  if (!asOf) return dayAt(new Date().toISOString())?.net_pnl ?? null;
  if (!portfolio || !periods.length || !state.hasAllPeriods) return null;
  const total = totalsOf(portfolio);
  if (total.currency !== 'USDT' || periods[0].currency !== 'USDT') return null;
  const before = sum(endedBefore(asOf).map((day) => day.net_pnl));
  return before === null ? null : subtract(total.net_pnl, before);
}

// The sum of net PnLs after each of them: null where one is unknown, and without it from then on.
export function sums(nets) {
  let known = '0';
  return nets.map((net) => {
    if (net === null) return null;
    known = add(known, net);
    return known;
  });
}

// How far that sum is below its peak. A withdrawal is no drawdown.
export function belowPeak(nets) {
  let peak = '0';
  return sums(nets).map((after) => {
    if (after === null) return null;
    if (compare(after, peak) > 0) peak = after;
    return subtract(after, peak);
  });
}

// Not the recorded drawdown, which limits use: while a past is replayed, the record has peaks that
// there never were.
export function drawdown() {
  if (!state.periods) return null;
  const moment = state.asOf ?? new Date().toISOString();
  // A day without a period has no PnL yet; a former day may have had some.
  const today = state.asOf || dayAt(moment) ? netToday() : '0';
  const nets = [...endedBefore(moment).map((day) => day.net_pnl), today];
  return nets.includes(null) ? null : negate(belowPeak(nets).at(-1));
}
