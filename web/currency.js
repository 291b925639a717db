// In which currency totals are shown. A position stays in its settlement currency.
import { html } from './html.js';
import { isFiat } from './decimal.js';
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

const FIRST = ['USD', 'EUR', 'BTC', 'ETH'];
// What the service takes for a currency.
const NAME = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

// What totals may be shown in: that of the settings, money, and what held positions settle in.
export function offered(own, rated, settled) {
  const others = [...FIRST, ...rated.filter(isFiat), ...settled.filter((name) => NAME.test(name))];
  return [...new Set([own, 'USDT', ...others.filter((name) => rated.includes(name))])];
}

export const shownCurrency = () => state.currency ?? state.ownCurrency;

// Amounts without a mark are in USDT, and none is without one beside those in another currency.
export const Code = ({ of }) => (of !== 'USDT' || shownCurrency() !== 'USDT')
  && html`<span class="chip">${of}</span>`;
