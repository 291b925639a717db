// What of the ledger the page shows: of which account and which book of it.
import { Component, html } from '../html.js';
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

// Money first, then whatever else has a rate. Drawn again only when there are others: they are many.
class Currency extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }

  render({ currencies, own, value }) {
    const money = new Set(Intl.supportedValuesOf('currency'));
    const first = new Set([own, 'USDT', ...currencies.filter((name) => money.has(name))]);
    const others = currencies.filter((name) => !first.has(name));
    const options = (names) => names.map((name) => html`<option value=${name}>${name}</option>`);
    return html`<select aria-label="Currency" title="Currency of totals" value=${value}
      onChange=${({ target }) => convert(target.value === own ? null : target.value)}>
      ${options(known([...first], value))}<hr />${options(others)}</select>`;
  }
}

export const Scope = () => html`<div class="scope"><${Account} /><${Book} /><${Currency}
  currencies=${state.currencies} own=${state.ownCurrency}
  value=${state.currency ?? state.ownCurrency} /></div>`;
