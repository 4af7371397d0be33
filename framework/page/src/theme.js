// Colours of the charts, by the page's own and by whether it is dark.

const LIGHT = ['#1f77b4', '#d9700c', '#2a8a3c', '#c2313a', '#7d57b0', '#86564b', '#c9559f', '#5f6b73', '#8f8a12', '#0f94a8'];
const DARK = ['#63b0ec', '#ffa552', '#6fcf83', '#ff8080', '#bb9cf0', '#cf9d90', '#f29bd2', '#b3bdc6', '#d3cd55', '#4fd0e3'];
const RAMP = ['#1a7fc4', '#7a74c9', '#c26a9d', '#e0855c', '#dcb54a'];
const dark = window.matchMedia('(prefers-color-scheme: dark)');

export const groupColour = (index) => (dark.matches ? DARK : LIGHT)[index % LIGHT.length];
/** Beyond ten groups colours come again, with other lines. */
export const groupDash = (index) => ['solid', 'dashed', 'dotted'][Math.floor(index / LIGHT.length) % 3];

export function pageColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: read('ink'), soft: read('soft'), line: read('line'), card: read('card'), accent: read('accent'), font: getComputedStyle(document.body).fontFamily };
}

/** From the best, 0, to the worst, 1. */
export function rampColour(part) {
  const at = Math.min(Math.max(part, 0), 1) * (RAMP.length - 1);
  const low = Math.min(Math.floor(at), RAMP.length - 2);
  const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const [a, b] = [channels(RAMP[low]), channels(RAMP[low + 1])];
  return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * (at - low))).join(',')})`;
}
export const rampGradient = `linear-gradient(to right, ${RAMP.join(', ')})`;

export function onThemeChange(listener) {
  dark.addEventListener('change', listener);
}
