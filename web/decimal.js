// Amounts are decimal strings. They are compared, added, rounded and grouped as text and BigInt;
// only pixels() makes a float, for positions in a chart.

const PATTERN = /^([+-]?)(\d+)(?:\.(\d+))?$/;

function parse(text) {
  const match = PATTERN.exec(text);
  if (!match) throw new RangeError(`not a decimal: ${text}`);
  const [, sign, whole, fraction = ''] = match;
  return { isNegative: sign === '-', whole, fraction };
}

function units(text, scale) {
  const { isNegative, whole, fraction } = parse(text);
  const value = BigInt(whole + fraction.padEnd(scale, '0'));
  return isNegative ? -value : value;
}

function scaleOf(texts) {
  return Math.max(0, ...texts.map((text) => parse(text).fraction.length));
}

function write(value, scale) {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return (value < 0n ? '-' : '') + whole + (fraction && `.${fraction}`);
}

export function add(...texts) {
  const scale = scaleOf(texts);
  return write(texts.reduce((sum, text) => sum + units(text, scale), 0n), scale);
}

// Null where one of them is unknown.
export function sum(amounts) {
  return amounts.includes(null) ? null : add('0', ...amounts);
}

export function negate(text) {
  const scale = scaleOf([text]);
  return write(-units(text, scale), scale);
}

export function subtract(a, b) {
  return add(a, negate(b));
}

export function compare(a, b) {
  if (a === b) return 0;
  const scale = scaleOf([a, b]);
  const difference = units(a, scale) - units(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

// An unknown amount, null or undefined, is the least.
export function order(a, b) {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : -1;
  return b === null || b === undefined ? 1 : compare(a, b);
}

export function sign(text) {
  if (!/[1-9]/.test(text)) return 0;
  return text.startsWith('-') ? -1 : 1;
}

export function absolute(text) {
  return sign(text) < 0 ? negate(text) : text;
}

// Rounded half away from zero, with exactly that many fractional digits.
export function round(text, digits) {
  const scale = Math.max(scaleOf([text]), digits);
  const step = 10n ** BigInt(scale - digits);
  const value = units(text, scale);
  const size = value < 0n ? -value : value;
  const rounded = ((size + step / 2n) / step).toString().padStart(digits + 1, '0');
  const minus = value < 0n && /[1-9]/.test(rounded) ? '-' : '';
  const whole = rounded.slice(0, rounded.length - digits);
  return minus + whole + (digits ? `.${rounded.slice(-digits)}` : '');
}

export function group(text) {
  const [whole, fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

// The text with the point moved: shift('0.0485', 2) is '4.85'.
export function shift(text, places) {
  const scale = Math.max(scaleOf([text]), places);
  return write(units(text, scale), scale - places);
}

// All but a few currencies are worth more than USDT: theirs are shown to the 8th digit, as BTC.
const FIAT = new Set(Intl.supportedValuesOf('currency'));
const STABLE = new Set(['USDT', 'USDC', 'FDUSD', 'TUSD', 'USDE', 'DAI', 'BUSD']);

export const isFiat = (currency) => FIAT.has(currency);

export const placesOf = (currency) => (isFiat(currency) || STABLE.has(currency) ? 2 : 8);

// As many fractional digits as a price of this size is read with; more are rounded.
export function brief(text) {
  const { whole, fraction } = parse(text);
  const digits = whole.length > 3 ? 2 : whole === '0' ? 8 : 4;
  return fraction.length > digits ? round(text, digits) : text;
}

// The least digits before the point for a unit, its places, and its name.
const UNITS = [[13, 12, 'T'], [10, 9, 'B'], [8, 6, 'M']];

// An amount that fits a narrow column: '12345678901.5' is '12.35 B'.
export function compact(text) {
  const found = UNITS.find(([digits]) => parse(text).whole.length >= digits);
  if (!found) return group(brief(text));
  const [, places, unit] = found;
  return `${group(round(shift(text, -places), 2))} ${unit}`;
}

// A float: where to draw, never what to show.
export function pixels(text) {
  return text === null || text === undefined ? null : Number(text);
}
