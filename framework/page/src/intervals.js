// Small drawings of a mean and its interval, on one scale for a column.
import { el } from './document.js';

const known = (value) => typeof value === 'number' && Number.isFinite(value);

/** The scale of some estimates, by their means and, as far as they are not much wider, intervals. */
export function scaleOf(estimates) {
  const means = estimates.map((each) => each.mean).filter(known);
  if (means.length === 0) return null;
  const [least, greatest] = [Math.min(...means), Math.max(...means)];
  const room = (greatest - least) * 0.25;
  const ends = estimates.flatMap((each) => [each.low, each.high]).filter(known);
  const low = Math.max(Math.min(least, ...ends), least - room);
  const high = Math.min(Math.max(greatest, ...ends), greatest + room);
  return high > low ? { low, high } : null;
}

export function intervalTrack(estimate, scale, colour) {
  if (!scale || !estimate || !known(estimate.mean)) return null;
  const at = (value) => 100 * Math.min(Math.max((value - scale.low) / (scale.high - scale.low), 0), 1);
  const bar = known(estimate.low) && known(estimate.high)
    ? el('i', { style: { left: `${at(estimate.low)}%`, right: `${100 - at(estimate.high)}%` } }) : null;
  return el('span', { class: 'track', 'aria-hidden': 'true' }, bar,
    el('b', { style: { left: `${at(estimate.mean)}%`, background: colour } }));
}
