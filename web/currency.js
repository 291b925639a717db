// In which currency totals are shown. A position stays in its settlement currency.
import { html } from './html.js';
import { state } from './store.js';

const ENDING = '_usdt';

const inUsdt = (amounts) => Object.fromEntries(Object.entries(amounts)
  .filter(([name]) => name.endsWith(ENDING))
  .map(([name, amount]) => [name.slice(0, -ENDING.length), amount]));

const currencyOf = ({ reporting }) => (reporting?.rate ? reporting.currency : 'USDT');

// The totals of a portfolio under their names without a currency: in that which was asked for, or
// in USDT where that has no rate.
export function totalsOf(portfolio) {
  const currency = currencyOf(portfolio);
  if (currency !== 'USDT') return portfolio.reporting;
  const assets = Object.entries(portfolio.by_asset);
  return {
    ...inUsdt(portfolio),
    currency,
    by_asset: Object.fromEntries(assets.map(([asset, held]) => [asset, inUsdt(held)])),
  };
}

// The days of an answer, with their amounts in the same way.
export function daysOf(answer) {
  const currency = currencyOf(answer);
  return answer.periods.map((day) => ({
    ...day, ...(currency === 'USDT' ? inUsdt(day) : day.reporting), currency,
  }));
}

export const shownCurrency = () => state.currency ?? state.ownCurrency;

// Amounts without a mark are in USDT, and none is without one beside those in another currency.
export const Code = ({ of }) => (of !== 'USDT' || shownCurrency() !== 'USDT')
  && html`<span class="chip">${of}</span>`;
