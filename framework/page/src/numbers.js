// Numbers as `hourglass compare` writes them: two digits of the deviation, and the mean as far.

const MOST_DECIMALS = 6;
const MOST_DIGITS = 9;
const ALL_DIGITS = 17;

const known = (value) => typeof value === 'number' && Number.isFinite(value);
/** The power of ten of the first digit, as it is with so many digits: 9.96 with two is 10. */
const magnitude = (value, digits) => Number(value.toExponential(digits - 1).split('e')[1]);
/** A deviation that rounding alone could make is none. */
const hasSpread = ({ mean, sd }) => known(sd) && sd > 1e-12 * Math.abs(mean);

/** How the numbers of one estimate are written: all times 10^-exponent, with as many decimals. */
function mannerOf({ mean, sd }) {
  const spread = hasSpread({ mean, sd });
  const lastPlace = (first) => {
    if (spread) return Math.max(magnitude(sd, 2) - 1, first - MOST_DIGITS + 1);
    return Number.isInteger(mean) ? 0 : first - 3;
  };
  const largest = Math.max(Math.abs(mean), spread ? sd : 0);
  const unrounded = magnitude(largest, ALL_DIGITS);
  const digits = Math.min(Math.max(unrounded - lastPlace(unrounded), 0), MOST_DIGITS) + 1;
  const first = magnitude(largest, digits);
  const last = lastPlace(first);
  if (-last > MOST_DECIMALS || largest >= 1e12) {
    return { exponent: first, decimals: Math.min(Math.max(first - last, 1), MOST_DIGITS) };
  }
  return { exponent: 0, decimals: Math.max(-last, 0) };
}

/** Halves go to the even digit, as in C; toFixed rounds them up. */
function fixed(value, decimals) {
  const rounded = value.toFixed(decimals);
  const isHalf = /^50*$/.test(value.toFixed(decimals + 40).slice(-40));
  const isOdd = '13579'.includes(rounded.at(-1));
  return isHalf && isOdd ? value.toFixed(decimals + 1).slice(0, decimals === 0 ? -2 : -1) : rounded;
}

/** With commas between thousands from 10,000 on. */
function plain(value, decimals) {
  const [whole, part] = fixed(value, decimals).split('.');
  const grouped = whole.replace('-', '').length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part ? `${grouped}.${part}` : grouped;
}

const scaled = (value, manner) => plain(value / 10 ** manner.exponent, manner.decimals);
const power = (text, manner) => (manner.exponent === 0 ? text : `${text}e${manner.exponent}`);

export function meanText(estimate) {
  if (!estimate || !known(estimate.mean)) return '';
  const manner = mannerOf(estimate);
  const mean = scaled(estimate.mean, manner);
  if (!hasSpread(estimate)) return power(mean, manner);
  const both = `${mean} ± ${scaled(estimate.sd, manner)}`;
  return manner.exponent === 0 ? both : power(`(${both})`, manner);
}

export function meanAlone(estimate) {
  if (!estimate || !known(estimate.mean)) return '';
  const manner = mannerOf(estimate);
  return power(scaled(estimate.mean, manner), manner);
}

export function intervalText(estimate) {
  if (!estimate || !known(estimate.low) || !known(estimate.high)) return '';
  const manner = mannerOf(estimate);
  return power(`[${scaled(estimate.low, manner)}, ${scaled(estimate.high, manner)}]`, manner);
}

export function pText(p) {
  if (!known(p)) return '';
  return p < 0.001 ? '< 0.001' : plain(p, p < 0.1 ? 3 : 2);
}

export const probabilityText = (value) => (known(value) ? plain(value, 2) : '');
export const rankText = (value) => (known(value) ? plain(value, Number.isInteger(value) ? 0 : 1) : '');

/** Four digits, for axes and tooltips. */
export function shortNumber(value) {
  if (!known(value)) return '';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2).replace(/\.?0+e/, 'e').replace('e+', 'e');
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 });
}
