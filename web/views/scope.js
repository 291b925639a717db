// What of the ledger the page shows: of which account and which book of it.
import { html } from '../html.js';
import { offered, shownCurrency } from '../currency.js';
import { sign } from '../decimal.js';
import { choose, convert } from '../live.js';
import { positionPath } from '../router.js';
import { state } from '../store.js';

// Where one account holds everything, it needs no choice.
export const chosenAccount = () => state.account
  ?? (state.accounts.length === 1 ? state.accounts[0] : null);

export const booksOf = (account) => state.books.filter((book) => book.account === account)
  .map(({ book }) => book);

// A name may be chosen before it is known: by the address.
const known = (names, chosen) => (chosen && !names.includes(chosen) ? [...names, chosen] : names);

function Select({ label, all, names, value, onChoose }) {
  return html`<select aria-label=${label} value=${value ?? ''}
    onChange=${(event) => onChoose(event.target.value || null)}><option value="">${all}</option>
    ${names.map((name) => html`<option value=${name}>${name}</option>`)}</select>`;
}

// The position of a book is shown with the rest of that book; another position, with all of them.
export function namedScope() {
  const { view, account, book } = state.route;
  if (view !== 'position') return { account: state.account, book: state.book };
  return { account: book ? account : state.account, book };
}

function Account() {
  if (state.accounts.length < 2 && !state.book) return null;
  return html`<${Select} label="Account" all="All accounts" value=${state.account}
    names=${known(state.accounts, state.account)} onChoose=${(account) => {
  choose({ account, book: null });
  if (state.route.book) location.hash = '#/positions';
}} />`;
}

function Book() {
  const account = chosenAccount();
  const names = known(booksOf(account), state.book);
  if (!names.length) return null;
  return html`<${Select} label="Book" all="All books" value=${state.book} names=${names}
    onChoose=${(book) => {
    const { view, account: shown } = state.route;
    if (view === 'position' && shown === account) location.hash = positionPath({ ...state.route, book });
    else choose({ account, book });
  }} />`;
}

function Currency() {
  const own = state.ownCurrency;
  const value = shownCurrency();
  const held = [...state.positions?.values() ?? []].filter((row) => sign(row.size) !== 0
    || sign(row.long_size ?? '0') !== 0);
  const names = offered(own, state.currencies, held.map((row) => row.settlement_currency));
  return html`<select aria-label="Currency" title="Currency of totals" value=${value}
    onChange=${({ target }) => convert(target.value === own ? null : target.value)}>
    ${known(names, value).map((name) => html`<option value=${name}>${name}</option>`)}</select>`;
}

export const Scope = () => html`<div class="scope"><${Account} /><${Book} /><${Currency} /></div>`;
