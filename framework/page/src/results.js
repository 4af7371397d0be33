// The table of results: a row a group, a column for each metric that is shown.
import { el, section } from './document.js';
import { caveat, chosen, groups, keys, metrics, standing, valueText } from './groups.js';
import { intervalTrack, scaleOf } from './intervals.js';
import { intervalText, meanText, rankText } from './numbers.js';
import { table } from './table.js';
import { groupColour, onThemeChange } from './theme.js';

const COSTS = ['parameters', 'seconds'];

/** A name that may go on in the next line between its words. */
const breakable = (name) => name.split(/(?<=[_/])/).flatMap((part) => [part, el('wbr')]);

function metricHeading(metric) {
  return el('span', {},
    el('span', { class: 'path' }, breakable(metric.path || '\u00a0')),
    el('span', { class: 'name' }, breakable(metric.last)), metric.unit ? `, ${metric.unit}` : '',
    metric.better ? el('span', { class: 'path' }, metric.direction) : el('span', { class: 'path' }, '\u00a0'));
}

function metricCell(group, metric, scale) {
  const estimate = group.metric(metric.name);
  if (!estimate || estimate.mean === null) return el('span', { class: 'missing', title: 'No run that counts has it' }, '–');
  const mark = standing(group, metric);
  const notes = [estimate.high > estimate.low ? intervalText(estimate) : ''];
  if (estimate.n !== group.n) notes.push(`n ${estimate.n}`);
  if (estimate.rank !== null && !metric.resource) notes.push(`rank ${rankText(estimate.rank)}`);
  return [
    mark ? el('span', { class: `badge ${mark}`, title: mark === 'best' ? 'Shown to be better than each other group' : 'The best group is shown to be better' }, mark) : null,
    mark ? ' ' : null,
    meanText(estimate),
    el('div', { class: 'small' }, notes.filter(Boolean).join(' · ')),
    metric.resource ? null : intervalTrack(estimate, scale, groupColour(group.index)),
  ];
}

const countText = (group) => (group.n === group.runs.length ? String(group.n) : `${group.n} of ${group.runs.length}`);
const swatch = (group) => el('span', { class: 'swatch', style: { background: groupColour(group.index) } });

function columnsFor(shown) {
  const points = keys.map(({ key, label }, i) => ({
    heading: label,
    title: key,
    sticky: i === 0,
    key: true,
    kind: 'point',
    value: (group) => group.value(key),
    cell: (group) => [i === 0 ? swatch(group) : null, valueText(group.value(key)) || '–'],
  }));
  const count = {
    heading: 'n',
    title: 'Runs that count, of all of the group',
    number: true,
    kind: 'count',
    better: 'higher',
    value: (group) => group.n,
    cell: (group) => {
      const said = caveat(group);
      return [countText(group),
        said ? el('div', {}, el('span', { class: 'badge caveat' }, said)) : null];
    },
  };
  // On a phone the keys and n stand together, so that metrics have room.
  const name = {
    heading: 'group',
    sticky: true,
    kind: 'narrow',
    value: (group) => group.name,
    cell: (group) => [swatch(group), group.name,
      el('div', { class: 'small' }, [`n ${countText(group)}`, caveat(group)].filter(Boolean).join(', '))],
  };
  return [...points, name, count, ...shown.map((metric) => {
    const scale = scaleOf(groups.map((group) => group.metric(metric.name)).filter(Boolean));
    return {
      heading: metricHeading(metric),
      title: `Sort by ${metric.title}`,
      number: true,
      better: metric.better,
      value: (group) => group.metric(metric.name)?.mean,
      cell: (group) => metricCell(group, metric, scale),
    };
  })];
}

export function results() {
  const costs = metrics.filter((metric) => COSTS.includes(metric.name));
  const shown = new Set([...chosen.slice(0, 4), ...costs]);
  const place = el('div');
  const summary = el('summary');
  let first = true;

  function draw() {
    const list = metrics.filter((metric) => shown.has(metric));
    list.sort((a, b) => (chosen.indexOf(a) + 1 || 99) - (chosen.indexOf(b) + 1 || 99));
    const columns = columnsFor(list);
    const column = first && chosen.length > 0 && chosen[0].better ? keys.length + 2 : -1;
    first = false;
    place.replaceChildren(table({
      caption: 'Results by group',
      kind: 'results',
      columns,
      rows: groups,
      sorted: column < 0 ? null : { column, descending: chosen[0].better === 'higher' },
    }));
    summary.textContent = `Choose metrics (${shown.size} of ${metrics.length})`;
  }

  const choice = el('details', { class: 'chooser' }, summary, el('fieldset', {}, metrics.map((metric) => {
    const box = el('input', {
      type: 'checkbox',
      checked: shown.has(metric),
      onchange: () => {
        if (box.checked) shown.add(metric);
        else shown.delete(metric);
        first = true;
        draw();
      },
    });
    return el('label', {}, box, metric.title);
  })));
  onThemeChange(draw);
  draw();
  return section('results', 'Results',
    'Mean ± standard deviation over seeds, the 95 % interval of the mean below it, and both drawn on one scale for the column. Click a heading to sort.',
    choice, place);
}
