// The key of this tab. It is kept in sessionStorage and sent only in a header.
import { clear, update } from './store.js';

const NAME = 'position-manager.key';

export function storedKey() {
  return sessionStorage.getItem(NAME);
}

export function keepKey(key) {
  sessionStorage.setItem(NAME, key);
  update({ key, keyError: null });
}

export function forgetKey() {
  sessionStorage.removeItem(NAME);
  clear();
}

// `position-manager open` prints a link with a one-time code in its fragment. The code leaves the
// address bar before it is used. A tab that has a key keeps it: anybody can make a link.
export async function redeemCode() {
  const code = /^#code=([\w.-]+)$/.exec(location.hash)?.[1];
  if (!code) return;
  history.replaceState(null, '', location.pathname);
  if (storedKey()) return;
  const response = await fetch('/api/v1/session', {
    method: 'POST',
    cache: 'no-store',
    headers: { 'X-API-Key': code },
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (response?.ok) keepKey(answer.api_key);
  else update({ keyError: 'This link was used or is older than 60 seconds. Make a new one.' });
}
