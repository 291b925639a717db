// Small pieces that several views share.
import { html } from './html.js';
import { absolute, brief, compact, group, pixels, placesOf, round, shift, sign } from './decimal.js';

const tones = { '-1': 'down', 0: 'flat', 1: 'up' };
const arrows = { '-1': '▼', 0: '', 1: '▲' };

// An amount of the currency `of`. The element carries the exact value, the text as many digits as the
// currency is shown with. With `signed`, gain and loss differ by sign and color, with `arrow` by a
// shape as well.
export function Money({ value, of = 'USDT', signed, arrow, digits = placesOf(of) }) {
  if (value === null || value === undefined) return html`<span class="none">–</span>`;
  const direction = sign(value);
  const text = group(round(value, digits));
  return html`<data class=${`num ${signed ? tones[direction] : ''}`} value=${value}
    title=${group(value)}>${arrow && direction !== 0 && html`<i class="arrow"
    aria-hidden="true">${arrows[direction]}</i>`}${signed && direction > 0 ? '+' : ''}${text}</data>`;
}

// The exact size is in its title.
export function Size({ value }) {
  if (value === null || value === undefined) return html`<span class="none">–</span>`;
  return html`<data class="num" value=${value} title=${group(value)}>${compact(value)}</data>`;
}

// As many digits as an amount of this size is read with, of any currency.
export function Price({ value, signed }) {
  if (value === null || value === undefined) return html`<span class="none">–</span>`;
  const direction = sign(value);
  return html`<data class=${`num ${signed ? tones[direction] : ''}`} value=${value}
    title=${group(value)}>${signed && direction > 0 ? '+' : ''}${group(brief(value))}</data>`;
}

export function Percent({ value, signed, digits = 2 }) {
  if (value === null || value === undefined) return html`<span class="none">–</span>`;
  const direction = sign(value);
  return html`<data class=${`num ${signed ? tones[direction] : ''}`} value=${value}
    >${signed && direction > 0 ? '+' : ''}${group(round(value, digits))} %</data>`;
}

export const Ratio = ({ value, ...rest }) => html`<${Percent}
  value=${value === null || value === undefined ? value : shift(value, 2)} ...${rest} />`;

export function Side({ size, long, short }) {
  if (long && short && sign(long) && sign(short)) return html`<span class="side">◆ Hedged</span>`;
  const direction = sign(size);
  if (direction === 0) return html`<span class="side closed">Closed</span>`;
  return html`<span class="side"><i class="arrow"
    aria-hidden="true">${arrows[direction]}</i> ${direction > 0 ? 'Long' : 'Short'}</span>`;
}

// A share of a whole as a bar beside its figure. The width is set through the CSSOM.
export function Bar({ ratio, level = '' }) {
  const width = Math.max(0, Math.min(100, pixels(absolute(ratio ?? '0')) * 100));
  return html`<span class=${`bar ${level}`} aria-hidden="true"><i style=${{ width: `${width}%` }} /></span>`;
}

const two = (number) => String(number).padStart(2, '0');

// In the time zone of the browser, to the second; the exact time is in the attribute.
export function timeText(time) {
  const at = new Date(time);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function Time({ at, short }) {
  if (!at) return html`<span class="none">–</span>`;
  const text = timeText(at);
  const isToday = text.slice(0, 10) === timeText(Date.now()).slice(0, 10);
  if (isToday && short) return html`<time datetime=${at} title=${at}>${text.slice(11)}</time>`;
  return html`<time datetime=${at} title=${at}><span class="roomy">${text.slice(0, 5)}</span>${
    text.slice(5, 16)}<span class="roomy">${text.slice(16)}</span></time>`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const LISTED = 8;

// Names in a sentence: as many as somebody reads, and how many there are beside them.
export function listed(names) {
  if (names.length <= LISTED) return names.join(', ');
  return `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`;
}

export function Table({ heads, children }) {
  return html`<div class="scroll" tabindex="0" role="group"
    aria-label="Table"><table class="rows plain"><thead><tr>${heads.map(
    ([label, className, title]) => html`<th scope="col" class=${className} title=${title}>${label}</th>`,
  )}</tr></thead><tbody>${children}</tbody></table></div>`;
}

export const Fact = ({ label, title, children }) => html`<div title=${title}><dt>${label}</dt>
  <dd>${children}</dd></div>`;

export const Deal = ({ side }) => ({ buy: '▲ buy', sell: '▼ sell' })[side] ?? '–';

export function Empty({ title, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p><p>${children}</p></div>`;
}

export function Failure({ message, again }) {
  return html`<div class="failure" role="alert"><span aria-hidden="true">▲</span> ${message}
    ${again && html`<button type="button" class="link" onClick=${again}>Try again</button>`}</div>`;
}

export const Loading = () => html`<div class="loading" role="status">Loading…</div>`;
