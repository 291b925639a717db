// The whole page as it was: a slider over the time since the first entry.
import { Component, html } from '../html.js';
import { reload } from '../live.js';
import { timeText } from '../parts.js';
import { state, update } from '../store.js';

const WAIT = 250;
const MINUTE = 60_000;

// The end of the page's history; a moment of it is only asked for once the slider rests.
function look(asOf) {
  update({ asOf });
  reload();
}

export class TimeMachine extends Component {
  state = { isOpen: false, at: null };

  componentWillUnmount() {
    clearTimeout(this.timer);
  }

  open = () => {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    this.until = now;
    this.setState({ isOpen: true, at: now });
  };

  close = () => {
    clearTimeout(this.timer);
    this.setState({ isOpen: false });
    if (state.asOf) look(null);
  };

  move = (at) => {
    const bounded = Math.max(this.since(), Math.min(this.until, at));
    this.setState({ at: bounded });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      look(bounded >= this.until ? null : new Date(bounded).toISOString());
    }, WAIT);
  };

  since() {
    const first = state.periods?.at(-1);
    return first ? Date.parse(first.starts_at) : this.until - 1440 * MINUTE;
  }

  render() {
    const { isOpen, at } = this.state;
    if (!isOpen) {
      return html`<button type="button" class="quiet" aria-label="Time machine"
        onClick=${this.open}><span aria-hidden="true">◷</span><span class="roomy"> Time machine</span>
      </button>`;
    }
    const step = (label, name, minutes) => html`<button type="button" title=${name}
      onClick=${() => this.move(at + minutes * MINUTE)}>${label}</button>`;
    return html`<button type="button" class="quiet" aria-expanded="true"
        aria-label="Time machine" onClick=${this.close}><span aria-hidden="true">◷</span><span
        class="roomy"> Time machine</span></button>
      <form class=${`machine ${state.asOf ? 'past' : ''}`} aria-label="Time machine"
        onSubmit=${(event) => event.preventDefault()}>
        <strong role="status">${state.asOf ? `As it was at ${timeText(state.asOf)}` : 'Now'}</strong>
        ${step('−1 d', 'A day earlier', -1440)}${step('−1 h', 'An hour earlier', -60)}
        <input type="range" aria-label="Moment" aria-valuetext=${timeText(at)} min=${this.since()}
          max=${this.until} step=${MINUTE} value=${at}
          onInput=${(event) => this.move(Number(event.target.value))} />
        ${step('+1 h', 'An hour later', 60)}${step('+1 d', 'A day later', 1440)}
        <button type="button" class="primary" onClick=${this.close}>Back to live</button></form>`;
  }
}
