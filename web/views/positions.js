// The table of positions: live, sortable, filtered; a row is drawn again only when it changes.
import { Component, html } from '../html.js';
import { columns, marksOf } from '../columns.js';
import { shownCurrency } from '../currency.js';
import { sign } from '../decimal.js';
import { Empty, Loading } from '../parts.js';
import { state } from '../store.js';

// A list that is sorted by a figure that moves is put in order this often, not with each change.
const ORDER_EVERY = 1_000;
const filters = [
  { id: 'open', label: 'Open', test: (row) => sign(row.size) !== 0 || isHedged(row) },
  { id: 'closed', label: 'Closed', test: (row) => sign(row.size) === 0 && !isHedged(row) },
  { id: 'marked', label: 'Marked', test: (row) => marksOf(row).length > 0 },
  { id: 'all', label: 'All', test: () => true },
];
const isHedged = (row) => row.long_size !== null && sign(row.long_size) !== 0;

class Row extends Component {
  // What the cells read; a row with the same of it is not drawn again.
  shouldComponentUpdate(next) {
    return ['row', 'line', 'accounts', 'currency'].some((name) => next[name] !== this.props[name]);
  }

  render({ row }) {
    return html`<tr data-asset=${row.asset}>${columns.map((column) => html`<td
      class=${[column.numeric && 'number', column.wide && 'wide'].filter(Boolean).join(' ')}
      data-column=${column.id}>${column.cell(row)}</td>`)}</tr>`;
  }
}

export class Positions extends Component {
  state = { search: '', filter: 'open', column: 'share', isDescending: true };

  listed = { at: 0, ids: new Map() };

  setView(changes) {
    this.listed.at = 0;
    this.setState(changes);
  }

  matching() {
    const words = this.state.search.trim().toUpperCase().split(/\s+/);
    const { test } = filters.find((filter) => filter.id === this.state.filter);
    return [...state.positions.values()].filter((row) => test(row) && words.every((word) => (
      `${row.asset} ${row.account} ${row.mode}`.toUpperCase().includes(word))));
  }

  rows() {
    const rows = this.matching();
    const isDue = !this.listed.at || performance.now() - this.listed.at > ORDER_EVERY
      || rows.some((row) => !this.listed.ids.has(row.id));
    if (isDue) {
      const { order } = columns.find((column) => column.id === this.state.column);
      const direction = this.state.isDescending ? -1 : 1;
      rows.sort((a, b) => direction * order(a, b) || (a.asset < b.asset ? -1 : 1));
      this.listed = { at: performance.now(), ids: new Map(rows.map((row, n) => [row.id, n])) };
      return rows;
    }
    return rows.sort((a, b) => this.listed.ids.get(a.id) - this.listed.ids.get(b.id));
  }

  sortBy(column) {
    const isSame = this.state.column === column.id;
    this.setView({
      column: column.id,
      isDescending: isSame ? !this.state.isDescending : Boolean(column.numeric),
    });
  }

  heading(column) {
    const isSorted = this.state.column === column.id;
    const direction = this.state.isDescending ? 'descending' : 'ascending';
    const className = [column.numeric && 'number', column.wide && 'wide'].filter(Boolean).join(' ');
    if (!column.order) {
      return html`<th scope="col" class=${className} data-column=${column.id}>${column.label}</th>`;
    }
    return html`<th scope="col" class=${className} data-column=${column.id}
      aria-sort=${isSorted ? direction : null}>
      <button type="button" class="sort" title=${column.title}
        onClick=${() => this.sortBy(column)}>${column.label}<i class="arrow" aria-hidden="true"
        >${isSorted ? (this.state.isDescending ? '▾' : '▴') : ''}</i></button></th>`;
  }

  // Up and down move between rows, Enter is that of the link.
  onKey = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = [...event.currentTarget.querySelectorAll('tbody a.asset')];
    const at = links.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    links[Math.max(0, Math.min(links.length - 1, at + step))].focus();
  };

  onSearchKey = (event) => {
    if (event.key === 'Escape') {
      this.setView({ search: '' });
      event.target.blur();
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      const first = document.querySelector('tbody a.asset');
      first?.focus();
      if (event.key === 'Enter') first?.click();
      event.preventDefault();
    }
  };

  onRowClick = (event) => {
    if (event.target.closest('a, button') || String(getSelection())) return;
    event.target.closest('tr')?.querySelector('a.asset')?.click();
  };

  render() {
    if (!state.positions) return html`<${Loading} />`;
    const rows = this.rows();
    return html`<section aria-label="Positions"><h1 class="hidden">Positions</h1>
      <div class="toolbar">
        <input id="search" type="search" placeholder="Search assets   /" aria-label="Search positions"
          value=${this.state.search} onKeyDown=${this.onSearchKey}
          onInput=${(event) => this.setView({ search: event.target.value })} />
        <div class="segments" role="group" aria-label="Which positions">${filters.map((filter) => html`
          <button type="button" aria-pressed=${this.state.filter === filter.id}
            onClick=${() => this.setView({ filter: filter.id })}>${filter.label}</button>`)}</div>
        <span class="count" role="status">${rows.length} of ${state.positions.size}</span>
      </div>
      ${rows.length ? html`<table class="rows positions" onKeyDown=${this.onKey}
          onClick=${this.onRowClick}>
        <caption class="hidden">Positions, live</caption>
        <thead><tr>${columns.map((column) => this.heading(column))}</tr></thead>
        <tbody>${rows.map((row) => html`<${Row} key=${row.id} row=${row}
          line=${state.lines.get(row.asset)} accounts=${state.accounts.length}
          currency=${shownCurrency()} />`)}</tbody>
      </table>` : html`<${Nothing} />`}
    </section>`;
  }
}

function Nothing() {
  if (state.positions.size) {
    return html`<${Empty} title="No position matches">Change the search or the filter above.<//>`;
  }
  return html`<${Empty} title="No positions yet">The first fill opens one. <code>make demo</code>
    trades some, or record a fill: see the <a href="/api/v1/docs">API</a>.<//>`;
}
