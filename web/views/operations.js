// The state of the service: feeds, lag, verification, jobs, and rejected messages.
import { Component, html } from '../html.js';
import { ApiError, post, rows } from '../api.js';
import { Fact, Failure, Loading, Table, Time, duration } from '../parts.js';
import { state } from '../store.js';
import { View } from '../view.js';

const JOB_HEADS = [
  ['Job'], ['Last run', 'number'], ['State'],
];

const yes = (value) => (value ? '● connected' : '▲ not connected');

function Facts({ health }) {
  return html`<dl class="facts">
    <${Fact} label="Service">${health.status}<//>
    <${Fact} label="Version">${health.version ?? '–'}<//>
    <${Fact} label="Database">${yes(health.database_connected)}<//>
    <${Fact} label="Queues">${yes(health.queue_connected)}<//>
    <${Fact} label="Lag">${health.worker_lag_ms === null ? '–'
      : duration(health.worker_lag_ms / 1000)}<//>
    <${Fact} label="Newest fill">${duration(health.newest_fill_age_seconds)} ago<//>
    <${Fact} label="Newest price">${duration(health.newest_price_age_seconds)} ago<//>
    <${Fact} label="Ledger verified"><${Time} at=${health.ledger_verified_at} short /><//>
    <${Fact} label="Ledger discrepancies">${health.ledger_discrepancies}<//>
    <${Fact} label="Positions to review">${health.positions_needing_review}<//>
    <${Fact} label="Assumed instruments">${health.assumed_instruments_count}<//>
    <${Fact} label="Events that wait">${health.outbox_depth}<//>
    <${Fact} label="Rejected messages">${health.dead_letters}<//></dl>`;
}

function Jobs({ jobs }) {
  const names = Object.keys(jobs).sort((a, b) => jobs[b].overdue - jobs[a].overdue || (a < b ? -1 : 1));
  return html`<section class="panel flush" aria-label="Jobs"><h2>Jobs</h2>
    <${Table} heads=${JOB_HEADS}>
      ${names.map((name) => html`<tr key=${name}>
      <td>${name.replaceAll('_', ' ')}</td>
      <td class="number">${jobs[name].age_seconds === null ? 'never'
        : `${duration(jobs[name].age_seconds)} ago`}</td>
      <td>${jobs[name].overdue ? html`<span class="mark breach">▲ overdue</span>`
        : html`<span class="muted">● on time</span>`}</td></tr>`)}<//></section>`;
}

class Letter extends Component {
  state = { isBusy: false, said: null, error: null };

  async send(command) {
    this.setState({ isBusy: true, said: null, error: null });
    try {
      const answer = await post(`/rest/rpc/${command}`, { body: { id: this.props.letter.id } });
      this.setState({ said: [answer.outcome, answer.detail].filter(Boolean).join(': ') });
      if (answer.outcome !== 'rejected') await this.props.again();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.setState({ error });
    }
    this.setState({ isBusy: false });
  }

  render({ letter }) {
    const { isBusy, said, error } = this.state;
    return html`<li class="finding"><div class="letter"><strong>${letter.reason.replaceAll('_', ' ')}
      </strong><span class="chip">${letter.feed}</span>${letter.times_seen > 1 && html`<span
        class="chip">× ${letter.times_seen}</span>`}
      <p>${letter.detail}</p><details><summary class="muted"><${Time} at=${letter.last_seen_at} short />
        · ${letter.bytes} bytes</summary><pre>${letter.body}</pre></details></div>
      <div class="decision"><button type="button" disabled=${isBusy}
          onClick=${() => this.send('retry_dead_letter')}>Retry</button>
        <button type="button" disabled=${isBusy}
          onClick=${() => this.send('drop_dead_letter')}>Drop</button>
        ${said && html`<span role="status">${said}</span>`}
        ${error && html`<${Failure} message=${error.message} />`}</div></li>`;
  }
}

class Letters extends View {
  dependsOn() {
    return state.health?.dead_letters;
  }

  load() {
    return rows('dead_letters', 'id,feed,reason,detail,body,bytes,times_seen,last_seen_at', {
      order: 'last_seen_at.desc', limit: 50,
    });
  }

  view(letters) {
    return html`<section class="panel" aria-label="Rejected messages"><h2>Rejected messages
        <span class="key">${letters.length < 50 ? letters.length : `newest 50 of ${
          state.health?.dead_letters}`}</span></h2>
      ${letters.length ? html`<ul class="findings tall">${letters.map((letter) => html`<${Letter}
        key=${letter.id} letter=${letter} again=${this.fetch} />`)}</ul>`
    : html`<p class="muted">None: every message was understood.</p>`}</section>`;
  }
}

export function Operations() {
  const { health, caller } = state;
  // A message belongs to no account until it is understood.
  const mayRetry = caller?.role === 'operator' && !caller.accounts;
  if (!health) return html`<${Loading} />`;
  return html`<article><header class="title"><h1>Operations</h1></header>
    <${Facts} health=${health} />
    <div class="columns even">${health.jobs && html`<${Jobs} jobs=${health.jobs} />`}
      ${mayRetry ? html`<${Letters} />` : html`<section class="panel"><h2>Rejected messages</h2>
        <p class="muted">An operator's key for all accounts may read and retry them.</p></section>`}</div>
  </article>`;
}
