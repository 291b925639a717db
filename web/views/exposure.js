// Exposure by asset: how much, on which side, what share of the whole.
import { html } from '../html.js';
import { add, compare, negate, pixels, sign } from '../decimal.js';
import { Empty, Fact, Loading, Money, Side, Size, Table } from '../parts.js';
import { state } from '../store.js';

const HEADS = [
  ['Asset'], ['Side', 'wide'], ['Net size', 'number wide'],
  [html`<span class="hidden">Side and share as a bar</span>`], ['Exposure', 'number'],
  ['Share', 'number'], ['Unrealized', 'number wide'],
];


function Row({ asset, held, largest, total }) {
  const direction = sign(held.size);
  const length = (pixels(held.exposure_usdt) / largest) * 50;
  const share = total ? (pixels(held.exposure_usdt) / total) * 100 : 0;
  return html`<tr><td><strong>${asset}</strong></td>
    <td class="wide"><${Side} size=${held.size} /></td>
    <td class="number wide"><${Size} value=${held.size} /></td>
    <td class="balance-cell"><span class="balance" aria-hidden="true"><i
      class=${direction < 0 ? 'short' : 'long'} style=${{ width: `${length}%` }} /></span></td>
    <td class="number"><${Money} value=${held.exposure_usdt} /></td>
    <td class="number"><span class="num">${share.toFixed(1)} %</span></td>
    <td class="number wide"><${Money} value=${held.unrealized_pnl_usdt} signed /></td></tr>`;
}

export function Exposure() {
  const { portfolio } = state;
  if (!portfolio) return html`<${Loading} />`;
  const assets = Object.entries(portfolio.by_asset)
    .filter(([, held]) => sign(held.exposure_usdt) !== 0)
    .sort(([, a], [, b]) => compare(b.exposure_usdt, a.exposure_usdt));
  if (!assets.length) return html`<${Empty} title="No exposure">No position is open.<//>`;
  const side = (wanted) => add('0', ...assets.filter(([, held]) => sign(held.size) === wanted)
    .map(([, held]) => held.exposure_usdt));
  const total = pixels(portfolio.total_exposure_usdt);
  const largest = pixels(assets[0][1].exposure_usdt);
  return html`<article><header class="title"><h1>Exposure</h1></header>
    <dl class="facts"><${Fact} label="Gross"><${Money} value=${portfolio.total_exposure_usdt} /><//>
      <${Fact} label="Net"><${Money} value=${portfolio.net_exposure_usdt} signed /><//>
      <${Fact} label="Assets net long"><${Money} value=${side(1)} /><//>
      <${Fact} label="Assets net short"><${Money} value=${negate(side(-1))} /><//>
      <${Fact} label="Largest">${assets[0][0]}<//></dl>
    <section class="panel flush" aria-label="Exposure by asset"><h2>By asset
      <span class="key">◀ short · long ▶</span></h2>
    <${Table} heads=${HEADS}>
      ${assets.map(([asset, held]) => html`<${Row} key=${asset} asset=${asset}
        held=${held} largest=${largest} total=${total} />`)}<//></section></article>`;
}
