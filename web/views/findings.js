// Why a position needs review, and discrepancies with the venue, which an operator decides.
import { Component, html } from '../html.js';
import { ApiError, post } from '../api.js';
import { Failure, Price, Time } from '../parts.js';
import { state } from '../store.js';

const mayDecide = () => ['trader', 'operator'].includes(state.caller?.role);

class Decision extends Component {
  state = { isBusy: false, error: null };

  async decide(decision) {
    this.setState({ isBusy: true, error: null });
    try {
      await post(`/api/v1/discrepancies/${this.props.id}/${decision}`, {
        query: { note: this.note.value.trim() || null },
      });
      await this.props.again();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.setState({ error });
    }
    this.setState({ isBusy: false });
  }

  render({ proposal }) {
    const { isBusy, error } = this.state;
    return html`<form class="decision" onSubmit=${(event) => event.preventDefault()}>
      <input placeholder="Note" aria-label="Note of the decision" maxlength="500"
        ref=${(node) => { this.note = node; }} />
      <button type="button" disabled=${isBusy || !proposal} title=${proposal}
        onClick=${() => this.decide('accept')}>Accept</button>
      <button type="button" disabled=${isBusy}
        onClick=${() => this.decide('dismiss')}>Dismiss</button>
      ${error && html`<${Failure} message=${error.message} />`}</form>`;
  }
}

function Discrepancy({ found, again }) {
  const isOpen = found.status === 'open';
  return html`<li class="finding"><div><strong>${found.kind.replaceAll('_', ' ')}</strong>
      <span class=${`mark ${isOpen ? 'review' : ''}`}>${found.status}</span>
      <p>${found.field}: ours <${Price} value=${found.ours} />, theirs <${Price} value=${found.theirs} />
      ${found.proposal && html`<br /><span class="muted">Proposal: ${found.proposal}</span>`}
      ${found.note && html`<br /><span class="muted">${found.decided_by}: ${found.note}</span>`}</p>
      <p class="muted">seen ${found.times_seen} times, last <${Time} at=${found.last_seen_at} short /></p>
    </div>${isOpen && mayDecide() && !state.asOf && html`<${Decision} id=${found.id}
      proposal=${found.proposal} again=${again} />`}</li>`;
}

export function Findings({ data: { discrepancies, reviews }, again }) {
  if (!discrepancies.length && !reviews.length) return null;
  return html`<section class="panel" aria-label="Findings"><h2>Findings</h2><ul class="findings">
    ${reviews.map((review) => html`<li class="finding"><div>
      <strong>${review.code.replaceAll('_', ' ')}</strong><span class="mark review">review</span>
      ${review.detail && html`<p>${review.detail}</p>`}
      <p class="muted">since <${Time} at=${review.raised_at} short /> · settled by
        ${' '}<code>${review.remedy}</code></p></div></li>`)}
    ${discrepancies.map((found) => html`<${Discrepancy} key=${found.id} found=${found}
      again=${again} />`)}</ul></section>`;
}
