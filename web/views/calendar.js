// Net PnL as a calendar: a column for each week, a row for each weekday.
import { html } from '../html.js';
import { Code } from '../currency.js';
import { absolute, compare, group, pixels, placesOf, round, sign } from '../decimal.js';
import { state } from '../store.js';

const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekday = (date) => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

function weeksOf(days) {
  const weeks = [];
  for (const day of days) {
    if (!weeks.length || weekday(day.period_start) === 0) weeks.push(Array(7).fill(null));
    weeks.at(-1)[weekday(day.period_start)] = day;
  }
  return weeks;
}

// Four strengths, by the share of the largest day.
function strength(net, largest) {
  return sign(largest) === 0 ? 1 : Math.ceil((pixels(absolute(net)) / pixels(largest)) * 4) || 1;
}

function Day({ day, largest }) {
  if (!day) return html`<td></td>`;
  const net = day.net_pnl;
  if (net === null) {
    return html`<td class="day" title=${`${day.period_start}: unknown`}><span
      aria-hidden="true">?</span><span class="hidden">${day.period_start}: unknown</span></td>`;
  }
  const direction = sign(net);
  const amount = group(round(net, placesOf(day.currency)));
  const text = `${day.period_start}: ${direction > 0 ? '+' : ''}${amount}`;
  const tone = direction ? `${direction > 0 ? 'gain' : 'loss'} s${strength(net, largest)}` : '';
  return html`<td class=${`day ${tone}`} title=${text}><span aria-hidden="true">${direction > 0
    ? '+' : direction < 0 ? '−' : '·'}</span><span class="hidden">${text}</span></td>`;
}

export function Calendar({ days }) {
  const weeks = weeksOf(days);
  const largest = days.reduce((most, { net_pnl: net }) => (
    net !== null && compare(absolute(net), most) > 0 ? absolute(net) : most), '0');
  const month = (week) => week?.find(Boolean).period_start.slice(5, 7);
  // A month of a single column has no room for its name.
  const heading = (week, at) => (month(week) !== month(weeks[at - 1])
    && month(week) === month(weeks[at + 1] ?? week) ? MONTHS[month(week) - 1] : '');
  return html`<section class="panel" aria-label="Calendar"><h2>Calendar<${Code} of=${days[0].currency} />
      <span class="key">days of ${state.timeZone} · + gain − loss, stronger is more</span></h2>
    <div class="scroll" tabindex="0" role="group"
      aria-label="Days"><table class="calendar"><caption class="hidden">Net PnL by day</caption>
      <thead><tr><td></td>${weeks.map((week, at) => html`<td
        >${heading(week, at)}</td>`)}</tr>
      </thead><tbody>${WEEKDAYS.map((name, row) => html`<tr><td>${name}</td>
        ${weeks.map((week) => html`<${Day} day=${week[row]} largest=${largest} />`)}</tr>`)}</tbody>
    </table></div></section>`;
}
