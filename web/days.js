// What the PnL by day says of the present, or of the moment that is looked at.
import { add, compare, negate, subtract } from './decimal.js';
import { totalsOf } from './currency.js';
import { state } from './store.js';

// Oldest first, with the day that is looked at.
export function daysShown() {
  return (state.periods ?? []).filter((day) => !state.asOf || day.starts_at < state.asOf).reverse();
}

const endedBefore = (moment) => state.periods.filter((day) => day.ends_at <= moment).reverse();

// Net PnL since the start of the day. Of a former day up to the moment that is looked at: that of
// all days until then less that of the days before, which takes every one of them. Unknown in another
// currency: the days have the effect of its rate, the total has not.
export function netToday() {
  const { asOf, periods, portfolio } = state;
  if (!periods) return null;
  if (!asOf) {
    const now = new Date().toISOString();
    const today = periods.find((day) => day.starts_at <= now && now < day.ends_at);
    return today?.net_pnl ?? null;
  }
  if (!portfolio || !periods.length || !state.hasAllPeriods) return null;
  const total = totalsOf(portfolio);
  if (total.currency !== 'USDT' || periods[0].currency !== 'USDT') return null;
  return subtract(
    total.net_pnl,
    add('0', ...endedBefore(asOf).map((day) => day.net_pnl)),
  );
}

// How far the sum of net PnLs is below its peak after each of them. A withdrawal is no drawdown.
export function belowPeak(nets) {
  let sum = '0';
  let peak = '0';
  return nets.map((net) => {
    sum = add(sum, net);
    if (compare(sum, peak) > 0) peak = sum;
    return subtract(sum, peak);
  });
}

// Not the recorded drawdown, which limits use: while a past is replayed, the record has peaks that
// there never were.
export function drawdown() {
  const today = netToday();
  // A day without a period has no PnL yet; a former day may have had some.
  if (!state.periods || (state.asOf && today === null)) return null;
  const before = endedBefore(state.asOf ?? new Date().toISOString());
  const nets = [...before.map((day) => day.net_pnl), today ?? '0'];
  return negate(belowPeak(nets).at(-1));
}
