// Settings in which the experiment files of groups differ.
import { counted, el, section } from './document.js';
import { details, groups, valueText } from './groups.js';
import { table } from './table.js';
import { groupColour, onThemeChange } from './theme.js';

export function differences() {
  const { different, shared, groups: looked } = details.differences;
  const common = Object.entries(shared);
  if (different.length + common.length === 0) return null;
  const list = groups.slice(0, looked);
  const place = el('div');
  function draw() {
    if (different.length === 0) {
      place.replaceChildren(el('p', { class: 'hint' }, 'Their experiment files differ in nothing but name and seed.'));
      return;
    }
    place.replaceChildren(table({
      caption: 'Settings in which groups differ',
      columns: [
        { heading: 'setting', sticky: true, key: true, cell: ({ key }) => el('code', {}, key) },
        ...list.map((group) => ({
          heading: el('span', {}, el('span', { class: 'swatch', style: { background: groupColour(group.index) } }), group.name),
          kind: 'wrap',
          cell: ({ values }) => (values[group.index] === null ? el('span', { class: 'missing' }, '–') : values[group.index]),
        })),
      ],
      rows: different,
    }));
  }
  onThemeChange(draw);
  draw();
  const rest = looked < groups.length ? ` The first ${looked} groups of ${groups.length}.` : '';
  return section('differences', 'Differences of configuration',
    `By the resolved experiment file of one run of each group; a dash where a setting does not apply.${rest}`,
    place,
    common.length > 0 ? el('details', { class: 'last' }, el('summary', {}, `${counted(common.length, 'setting')} that all have alike`),
      table({
        caption: 'Settings that all groups have alike',
        columns: [
          { heading: 'setting', sticky: true, key: true, value: ([key]) => key, cell: ([key]) => el('code', {}, key) },
          { heading: 'value', wide: true, cell: ([, value]) => valueText(value) },
        ],
        rows: common,
      })) : null);
}
