// The shell: asks for the key, then shows the headline and the view that the address names.
import { Component, html, render } from './html.js';
import { choose, end, reload, start } from './live.js';
import { redeemCode, forgetKey, keepKey, storedKey } from './session.js';
import { Failure } from './parts.js';
import { startRouter, viewsListed } from './router.js';
import { state, subscribe, update } from './store.js';
import { applyTheme, nextTheme } from './theme.js';
import { KeyForm } from './views/key.js';
import { Headline, Incomplete } from './views/headline.js';
import { Positions } from './views/positions.js';
import { Position } from './views/position.js';
import { Performance } from './views/performance.js';
import { Exposure } from './views/exposure.js';
import { Cash } from './views/cash.js';
import { Limits } from './views/limits.js';
import { Activity } from './views/activity.js';
import { Operations } from './views/operations.js';
import { Scope, namedScope } from './views/scope.js';
import { TimeMachine } from './views/time-machine.js';

const shown = {
  positions: Positions,
  position: Position,
  performance: Performance,
  exposure: Exposure,
  cash: Cash,
  limits: Limits,
  activity: Activity,
  operations: Operations,
};

const connections = {
  connecting: { mark: '○', text: 'Connecting' },
  live: { mark: '●', text: 'Live' },
  polling: { mark: '●', text: 'Polling' },
  reconnecting: { mark: '◌', text: 'Reconnecting' },
};

function Connection() {
  const { mark, text } = connections[state.connection];
  return html`<span class=${`connection ${state.connection}`} role="status"><i aria-hidden="true"
    >${mark}</i> ${text}</span>`;
}

function Header() {
  const current = state.route.view === 'position' ? 'positions' : state.route.view;
  return html`<header class="top">
    <a class="brand" href="#/positions" aria-label="Position Manager"><img src="/icon.svg" alt=""
      width="22" height="22" />
      <span>Position Manager</span></a>
    <nav aria-label="Views">${viewsListed().map(({ view, label }) => html`<a href=${`#/${view}`}
      aria-current=${current === view ? 'page' : null}>${label}</a>`)}</nav>
    <${Scope} />
    <div class="tools"><${TimeMachine} /><${Connection} />
      <button type="button" class="quiet" onClick=${nextTheme}
        title="Light, dark or as the system"
        aria-label="Change the colors">◐</button>
      <a class="quiet roomy" href="/api/v1/docs">API</a>
      <button type="button" class="quiet" onClick=${forgetKey}>Leave</button></div>
  </header>`;
}

const Footer = () => html`<footer><a href="/api/v1/docs">API</a> · <a href="/health">Health</a> ·
  ${' '}<a href="/metrics">Metrics</a><span>Times are those of this browser, days those of ${
  state.timeZone ?? 'the desk'}, amounts USDT unless another currency is named.</span></footer>`;

class App extends Component {
  componentDidMount() {
    this.unsubscribe = subscribe(() => this.forceUpdate());
  }

  componentDidUpdate() {
    if (this.key === state.key) return;
    this.key = state.key;
    if (state.key) {
      update(namedScope());
      start();
    } else end();
  }

  render() {
    if (!state.key) return html`<${KeyForm} />`;
    const View = shown[state.route.view];
    return html`<button type="button" class="skip" onClick=${() => document
      .getElementById('main').focus()}>Skip to the content</button><${Header} />
      <main id="main" tabindex="-1">
        ${state.error && html`<${Failure} message=${state.error} again=${reload} />`}
        <${Headline} /><${Incomplete} />
        <${View} route=${state.route} />
      </main><${Footer} />`;
  }
}

// A slash searches, unless somebody is typing.
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, select, textarea')) return;
  const search = document.getElementById('search');
  if (!search) return;
  event.preventDefault();
  search.focus();
});

applyTheme();
startRouter();
addEventListener('hashchange', () => state.key && choose(namedScope()));
render(html`<${App} />`, document.getElementById('app'));
await redeemCode();
if (!state.key && storedKey()) keepKey(storedKey());
else update({});
