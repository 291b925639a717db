// The view is named by the fragment of the address, so that back, reload and links work.
import { state, update } from './store.js';

const views = [
  { view: 'positions', label: 'Positions' },
  { view: 'performance', label: 'Performance' },
  { view: 'exposure', label: 'Exposure' },
  { view: 'cash', label: 'Cash' },
  { view: 'limits', label: 'Limits' },
  { view: 'activity', label: 'Activity' },
  { view: 'operations', label: 'Operations' },
];

// Cash is kept by some desks only.
export const viewsListed = () => views.filter(({ view }) => view !== 'cash' || state.hasCash);

export const positionPath = ({ account, asset, mode, book }) => `#/position/${
  [account, asset, mode, ...(book ? [book] : [])].map(encodeURIComponent).join('/')}`;

// The parts of the fragment; none if it is not encoded as an address is.
function parts() {
  try {
    return location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return [];
  }
}

export function readRoute() {
  const [view, account, asset, mode, book] = parts();
  if (view === 'position' && asset) {
    return { view, account, asset, mode: mode || 'one-way', book: book || null };
  }
  return { view: views.some((known) => known.view === view) ? view : 'positions' };
}

export function startRouter() {
  const follow = () => {
    update({ route: readRoute() });
    scrollTo(0, 0);
  };
  addEventListener('hashchange', follow);
  state.route = readRoute();
}
