// How to read the page.
import { el, section } from './document.js';
import { chosen, comparison, details, groups, metrics } from './groups.js';

export function notes() {
  const say = (lead, text) => el('li', {}, el('b', {}, lead), ` ${text}`);
  const list = [
    say('A group', 'is all runs that differ in nothing but their seed; n is how many of them count. Only completed runs do, each seed once.'),
    say('Mean ± deviation', 'is over seeds, the deviation that of a sample (n − 1).'),
    say('Intervals', 'are 95 % ones of the mean: Student’s t below 10 seeds, the BCa bootstrap from 10. Of two groups that share seeds, they say less than the paired comparison does.'),
    say('“best” and “worse”', 'stand only where paired comparisons show it: best is better than each other group, worse is what the one with the best mean has been shown to be better than, by the adjusted paired test. No mark means that nothing was shown, even of the worst mean: its spread may be large.'),
    say('A rank', 'is the mean over seeds of the rank within each, where all groups have the same seeds; else it is that of the mean.'),
  ];
  if (groups.length > 12) list.push(say('Pairs:', 'with more than 12 groups each is compared with the one of the best mean; Holm’s adjustment counts all pairs of groups, since the same runs say which that is.'));
  const manners = Object.entries(details.protocol);
  const shown = new Set(chosen.map((metric) => metric.name));
  manners.sort(([a], [b]) => shown.has(b) - shown.has(a));
  return section('notes', 'How to read this', null,
    el('ul', { class: 'notes' }, list, comparison.notes.map((note) => el('li', {}, `${note}.`))),
    manners.length > 0 ? el('details', { class: 'last' }, el('summary', {}, `How ${manners.length} of ${metrics.length} metrics were taken`),
      el('ul', { class: 'notes' }, manners.map(([name, manner]) => say(name, `– ${manner}`)))) : null);
}
