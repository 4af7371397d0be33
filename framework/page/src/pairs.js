// Groups compared seed by seed.
import { select } from './controls.js';
import { el, section } from './document.js';
import { chosen, comparison, groups, metricOptions } from './groups.js';
import { intervalText, meanAlone, pText, probabilityText } from './numbers.js';
import { table } from './table.js';
import { groupColour, onThemeChange } from './theme.js';

const named = (index) => [el('span', { class: 'swatch', style: { background: groupColour(index) } }), groups[index].name];
const estimateOf = (pair) => ({ mean: pair.mean_difference, sd: pair.sd, low: pair.low, high: pair.high });

const verdictOf = ({ verdict, comparisons }) => (verdict.endsWith('after correction') ? `not shown after correction for ${comparisons} comparisons` : verdict);

const COLUMNS = [
  { heading: 'first', sticky: true, kind: 'wrap', value: (pair) => groups[pair.first].name, cell: (pair) => named(pair.first) },
  { heading: 'second', kind: 'wrap', value: (pair) => groups[pair.second].name, cell: (pair) => named(pair.second) },
  { heading: 'first − second', number: true, value: (pair) => pair.mean_difference, cell: (pair) => meanAlone(estimateOf(pair)) },
  { heading: '95 % interval', number: true, cell: (pair) => intervalText(estimateOf(pair)) },
  { heading: 'pairs', number: true, value: (pair) => pair.n, cell: (pair) => String(pair.n) },
  { heading: 'p (Holm)', number: true, value: (pair) => pair.p_holm, cell: (pair) => pText(pair.p_holm) },
  { heading: 'P(better)', title: 'How often a run of the first is better than one of the second', number: true, value: (pair) => pair.probability_of_improvement, cell: (pair) => probabilityText(pair.probability_of_improvement) },
  { heading: 'verdict', value: (pair) => pair.verdict, cell: (pair) => el('span', { class: pair.verdict.endsWith('is better') ? '' : 'missing' }, verdictOf(pair)) },
];

export function pairs() {
  const list = chosen.filter((metric) => comparison.comparisons.some((pair) => pair.metric === metric.name));
  if (list.length === 0) return null;
  const place = el('div');
  let metric = list[0].name;
  const draw = () => place.replaceChildren(table({ caption: `Paired comparisons by ${metric}`, columns: COLUMNS, rows: comparison.comparisons.filter((pair) => pair.metric === metric) }));
  onThemeChange(draw);
  draw();
  return section('pairs', 'Paired comparisons',
    'Over the seeds that both groups have. A group is called better only where the interval of the difference excludes 0 and Holm’s adjusted p is below 0.05; “no difference shown” does not say that they are equal. p is corrected for the number of comparisons and the interval is not: it may exclude 0 where nothing is shown.',
    el('div', { class: 'controls' }, select('Metric', metricOptions(list), metric, (name) => { metric = name; draw(); })),
    place);
}
