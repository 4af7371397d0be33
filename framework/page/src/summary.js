// The head of the page: what is compared, in a few sentences.
import { counted, el } from './document.js';
import { chosen, comparison, details, groups, leader, standing } from './groups.js';
import { meanText } from './numbers.js';

/** The name of the folder that all runs lie in, without the part `runs` of a sweep. */
function placeOf() {
  const folders = groups.flatMap((group) => group.runs.map((run) => run.folder.split('/').slice(0, -1)));
  if (folders.length === 0) return '';
  const common = folders.reduce((a, b) => a.slice(0, [...a.keys()].find((i) => a[i] !== b[i]) ?? a.length));
  while (common.length > 1 && common[common.length - 1] === 'runs') common.pop();
  return common[common.length - 1] ?? '';
}

function countSentence() {
  const runs = groups.flatMap((group) => group.runs);
  const seeds = new Set(runs.map((run) => run.seed).filter((seed) => seed !== null));
  const statuses = new Map();
  for (const run of runs) statuses.set(run.status, (statuses.get(run.status) ?? 0) + 1);
  const became = statuses.size === 1 && statuses.has('completed') ? 'All are completed.'
    : `${[...statuses].map(([status, count]) => `${count.toLocaleString('en')} ${status}`).join(', ')}.`;
  const faults = comparison.faults.length > 0 ? ` ${counted(comparison.faults.length, 'folder is', 'folders are')} no run or cannot be read.` : '';
  return `${counted(runs.length, 'run')} in ${counted(groups.length, 'group')} over ${counted(seeds.size, 'seed')}. ${became}${faults}`;
}

/** Who leads by the first metric, and how surely. */
function leadSentence() {
  const metric = chosen.find((each) => each.better);
  const able = metric ? groups.filter((group) => group.metric(metric.name)?.mean !== null && group.metric(metric.name)) : [];
  if (able.length < 2) return null;
  const first = leader(metric);
  const alone = able.filter((group) => group.metric(metric.name).n < 2).length;
  const among = first.metric(metric.name).n > 1 && alone > 0 ? 'Of groups with two runs or more, the' : 'The';
  const worse = able.filter((group) => standing(group, metric) === 'worse').length;
  const shown = standing(first, metric) === 'best' ? 'It is shown to be better than each other group.'
    : worse > 0 ? `It is shown to be better than ${worse} of the ${able.length - 1} others.`
      : 'It is not shown to be better than any other group.';
  return el('p', { class: 'lead' }, `${among} best mean of ${metric.name} (${metric.direction}) is that of `, el('strong', {}, first.name),
    `: ${meanText(first.metric(metric.name))}${metric.unit ? ` ${metric.unit}` : ''}. ${shown}`);
}

export function header(sections) {
  const place = placeOf();
  document.title = place ? `${place}: comparison of runs` : 'Comparison of runs';
  return el('header', {},
    el('p', { class: 'eyebrow' }, 'Hourglass · comparison of runs'),
    el('h1', {}, place || 'Comparison of runs'),
    el('p', { class: 'lead' }, countSentence()),
    leadSentence(),
    el('nav', { 'aria-label': 'Sections' }, sections.map((each) => el('a', { href: `#${each.id}` }, each.querySelector('h2').textContent))));
}

export const footer = () => el('footer', {}, `Written by hourglass compare, version ${details.version}. This file asks for nothing from the network.`);
