// A small line without axes: the shape of a series, drawn as one SVG path.
import { html } from './html.js';
import { pixels } from './decimal.js';

const WIDTH = 72;
const HEIGHT = 20;
const paths = new WeakMap();

function pathOf(values) {
  const points = values.map(pixels).map((y, x) => [x, y]).filter(([, y]) => y !== null);
  if (points.length < 2) return null;
  const ys = points.map(([, y]) => y);
  const low = Math.min(...ys);
  const span = Math.max(...ys) - low || 1;
  const step = WIDTH / (values.length - 1);
  return points.map(([x, y], index) => `${index ? 'L' : 'M'}${(x * step).toFixed(1)} ${
    (HEIGHT - 2 - ((y - low) / span) * (HEIGHT - 4)).toFixed(1)}`).join('');
}

export function Spark({ values, label }) {
  if (values && !paths.has(values)) paths.set(values, pathOf(values));
  const path = values && paths.get(values);
  if (!path) return html`<span class="none" aria-hidden="true">·</span>`;
  return html`<svg class="spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} width=${WIDTH}
    height=${HEIGHT} role="img" aria-label=${label}><path d=${path} /></svg>`;
}
