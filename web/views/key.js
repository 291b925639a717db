// The form that asks for the key, once per tab.
import { html } from '../html.js';
import { state } from '../store.js';
import { keepKey } from '../session.js';

function submit(event) {
  event.preventDefault();
  const key = new FormData(event.target).get('key').trim();
  if (key) keepKey(key);
}

export function KeyForm() {
  return html`<main class="gate">
    <form class="gate-card" onSubmit=${submit}>
      <img src="/icon.svg" alt="" width="40" height="40" />
      <h1>Position Manager</h1>
      <p class="muted">Enter an API key to see positions, PnL and limits. A key of the role reader
        suffices. It stays in this tab and is gone when you close it.</p>
      ${state.keyError && html`<p class="failure" role="alert">${state.keyError}</p>`}
      <label for="key">API key</label>
      <input id="key" name="key" type="password" autocomplete="off" spellcheck=${false}
        placeholder="pms_…" required autofocus />
      <button type="submit" class="primary">Open</button>
      <p class="hint"><code>position-manager open</code> prints a link that needs no key.${' '}
        <code>position-manager keys create NAME</code> makes one.</p>
    </form>
  </main>`;
}
