// uPlot in a component. Floats are for pixels only: the readout above the plot shows the texts.
import uPlot from '/vendor/uplot.js';
import { Component, html } from './html.js';
import { group, pixels, round } from './decimal.js';
import { timeText } from './parts.js';

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const FONT = '11px system-ui, sans-serif';

// Ticks are round numbers of the plot, not amounts.
const tick = (value) => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toFixed(2)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toFixed(1)}k`;
  return group(String(+value.toPrecision(6)));
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const DAY = 86_400;
const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
const dayMonth = (text) => `${Number(text.slice(8, 10))} ${MONTHS[text.slice(5, 7) - 1]}`;

// Days or times of day, by how far apart the ticks are.
function moments(plot, values, axis, space, increment) {
  return values.map((value) => {
    const text = timeText(value * 1000);
    return increment < DAY && !text.endsWith(' 00:00:00') ? text.slice(11, 16) : dayMonth(text);
  });
}

// A day is drawn at its midnight in UTC, whatever the time zones of the desk and of the browser.
const days = {
  date: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
  // Beside a single day, the plot would show years. A bar is as wide as a day, a line begins in it.
  range: (isBars) => ({ data: [[only, second]] }, first, last) => {
    if (second === undefined) return [only - DAY, only + DAY];
    return isBars ? [first - DAY / 2, last + DAY / 2] : [first, last];
  },
  moments: (plot, values) => values.map((value) => (value % DAY ? '' : dayMonth(dayOf(value)))),
};

const bars = uPlot.paths.bars({ size: [0.72, 48], radius: 0.12 });
const steps = uPlot.paths.stepped({ align: 1 });

function seriesOf({ kind, tone = 'accent', values }) {
  const stroke = () => color(tone);
  const base = { stroke, width: 1.5, points: { show: false } };
  if (kind === 'bars') return { ...base, fill: stroke, width: 0, paths: bars };
  // A single value makes no line.
  if (values.length === 1) return { ...base, points: { show: true } };
  if (kind === 'steps') return { ...base, paths: steps, fill: () => color(`${tone}-soft`) };
  if (kind === 'area') return { ...base, fill: () => color(`${tone}-soft`) };
  return { ...base, spanGaps: true };
}

// Fills as triangles: up for a purchase, down for a sale.
function drawMarks(plot, marks) {
  const { ctx } = plot;
  const size = 4.5 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  for (const { at, price, side } of marks) {
    const x = plot.valToPos(at, 'x', true);
    const y = plot.valToPos(pixels(price), 'y', true);
    const up = side === 'buy' ? 1 : -1;
    ctx.beginPath();
    ctx.moveTo(x, y - up * size);
    ctx.lineTo(x - size, y + up * size);
    ctx.lineTo(x + size, y + up * size);
    ctx.closePath();
    ctx.fillStyle = color(side === 'buy' ? 'up' : 'down');
    ctx.fill();
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeStyle = color('surface');
    ctx.stroke();
  }
  ctx.restore();
}

export class Chart extends Component {
  shouldComponentUpdate(next) {
    if (next.times !== this.props.times || next.series !== this.props.series) {
      this.props = next;
      this.draw();
    }
    return false;
  }

  componentDidMount() {
    this.resized = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.resized.observe(this.place);
    this.recolor = () => this.plot?.redraw();
    addEventListener('themechange', this.recolor);
    this.draw();
  }

  componentWillUnmount() {
    this.resized.disconnect();
    removeEventListener('themechange', this.recolor);
    this.plot?.destroy();
  }

  size = () => ({ width: this.place.clientWidth, height: this.props.height ?? 220 });

  draw() {
    const { times, series, marks, sync, zero, day } = this.props;
    const data = [times, ...series.map(({ values }) => values.map(pixels))];
    this.plot?.destroy();
    const grid = { stroke: () => color('line'), width: 1 };
    const axis = { stroke: () => color('muted'), font: FONT, grid, ticks: { show: false } };
    this.plot = new uPlot({
      ...this.size(),
      padding: [8, 8, 0, 18],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, ...(sync && { sync: { key: sync } }) },
      ...(day && { tzDate: days.date }),
      scales: {
        x: { time: true, ...(day && { range: days.range(series[0].kind === 'bars') }) },
        y: { range: (_, low, high) => range(low, high, zero) },
      },
      axes: [
        { ...axis, grid: { show: false }, space: 64, size: 30,
          values: day ? days.moments : moments },
        { ...axis, side: 1, size: 62, gap: 6, space: 28, values: (_, values) => values.map(tick) },
      ],
      series: [{}, ...series.map(seriesOf)],
      hooks: {
        draw: [(plot) => marks && drawMarks(plot, marks)],
        setCursor: [(plot) => this.read(plot.cursor.idx)],
      },
    }, data, this.place);
    this.read(null);
  }

  // Without the cursor: the last point.
  read(index) {
    const { times, series, day } = this.props;
    const at = index ?? times.length - 1;
    const texts = series.filter(({ values }) => values[at] !== null && values[at] !== undefined)
      .map(({ label, values, digits }) => `${label} ${group(digits === undefined ? values[at]
        : round(values[at], digits))}`);
    this.readout.textContent = times.length ? [day
      ? dayOf(times[at]) : timeText(times[at] * 1000), ...texts].join('   ') : '';
  }

  render({ label }) {
    return html`<div class="chart"><p class="readout" ref=${(node) => { this.readout = node; }}></p>
      <div class="plot" role="img" aria-label=${label} ref=${(node) => { this.place = node; }}></div></div>`;
  }
}

function range(low, high, zero) {
  if (low === null || high === null) return [0, 1];
  const from = zero ? Math.min(0, low) : low;
  const to = zero ? Math.max(0, high) : high;
  const pad = (to - from || Math.abs(to) || 1) * 0.06;
  return [zero && from === 0 ? 0 : from - pad, zero && to === 0 ? 0 : to + pad];
}
