// Exposure by asset: how much, on which side, what share of the whole.
import { html } from '../html.js';
import { Code, totalsOf } from '../currency.js';
import { add, compare, negate, pixels, sign } from '../decimal.js';
import { Empty, Fact, Loading, Money, Side, Size, Table } from '../parts.js';
import { state } from '../store.js';

const HEADS = [
  ['Asset'], ['Side', 'wide'], ['Net size', 'number wide'],
  [html`<span class="hidden">Side and share as a bar</span>`], ['Exposure', 'number'],
  ['Share', 'number'], ['Unrealized', 'number wide'],
];


function Row({ asset, size, held, currency, largest, total }) {
  const direction = sign(size);
  const length = (pixels(held.exposure) / largest) * 50;
  const share = total ? (pixels(held.exposure) / total) * 100 : 0;
  return html`<tr><td><strong>${asset}</strong></td>
    <td class="wide"><${Side} size=${size} /></td>
    <td class="number wide"><${Size} value=${size} /></td>
    <td class="balance-cell"><span class="balance" aria-hidden="true"><i
      class=${direction < 0 ? 'short' : 'long'} style=${{ width: `${length}%` }} /></span></td>
    <td class="number"><${Money} value=${held.exposure} of=${currency} /></td>
    <td class="number"><span class="num">${share.toFixed(1)} %</span></td>
    <td class="number wide"><${Money} value=${held.unrealized_pnl} of=${currency} signed /></td></tr>`;
}

export function Exposure() {
  const { portfolio } = state;
  if (!portfolio) return html`<${Loading} />`;
  const totals = totalsOf(portfolio);
  const { currency } = totals;
  const assets = Object.entries(totals.by_asset)
    .filter(([, held]) => sign(held.exposure) !== 0)
    .sort(([, a], [, b]) => compare(b.exposure, a.exposure));
  if (!assets.length) return html`<${Empty} title="No exposure">No position is open.<//>`;
  const sizeOf = (asset) => portfolio.by_asset[asset].size;
  const side = (wanted) => add('0', ...assets.filter(([asset]) => sign(sizeOf(asset)) === wanted)
    .map(([, held]) => held.exposure));
  const total = pixels(totals.total_exposure);
  const largest = pixels(assets[0][1].exposure);
  return html`<article><header class="title"><h1>Exposure</h1><${Code} of=${currency} /></header>
    <dl class="facts"><${Fact} label="Gross"><${Money} value=${totals.total_exposure} of=${currency} /><//>
      <${Fact} label="Net"><${Money} value=${totals.net_exposure} of=${currency} signed /><//>
      <${Fact} label="Assets net long"><${Money} value=${side(1)} of=${currency} /><//>
      <${Fact} label="Assets net short"><${Money} value=${negate(side(-1))} of=${currency} /><//>
      <${Fact} label="Largest">${assets[0][0]}<//></dl>
    <section class="panel flush" aria-label="Exposure by asset"><h2>By asset<${Code} of=${currency} />
      <span class="key">◀ short · long ▶</span></h2>
    <${Table} heads=${HEADS}>
      ${assets.map(([asset, held]) => html`<${Row} key=${asset} asset=${asset}
        size=${sizeOf(asset)} held=${held} currency=${currency}
        largest=${largest} total=${total} />`)}<//></section></article>`;
}
