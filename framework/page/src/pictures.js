// Pictures of runs, group beside group.
import { select } from './controls.js';
import { counted, el, section } from './document.js';
import { details, groups } from './groups.js';
import { groupColour, onThemeChange } from './theme.js';

export function pictures() {
  const list = groups.filter((group) => details.pictures[group.index]?.length > 0);
  if (list.length === 0) return null;
  const of = (group, name) => details.pictures[group.index].filter((picture) => picture.name === name);
  const names = ['reconstructions', 'samples'].filter((name) => list.some((group) => of(group, name).length > 0));
  const large = el('dialog', { onclick: () => large.close() });
  document.body.append(large);

  function enlarge(group, picture) {
    large.replaceChildren(el('h3', {}, `${group.name}: ${picture.name}`),
      el('img', { src: picture.uri, alt: `${picture.name} of ${group.name}` }),
      el('button', { type: 'button', class: 'button', onclick: () => large.close() }, 'Close'));
    large.showModal();
  }

  const grid = el('div', { class: 'pictures' });
  let shown = names.length > 1 ? 'both' : names[0];
  const wanted = () => (shown === 'both' ? names : [shown]);
  function draw() {
    grid.replaceChildren(...list.map((group) => {
      return el('figure', { class: shown },
        el('h3', {}, el('span', { class: 'swatch', style: { background: groupColour(group.index) } }), group.name),
        wanted().map((name) => of(group, name)[0] ?? name).map((picture) => (typeof picture === 'string' ? el('p', { class: 'hint' }, `This run has no ${picture}.`) : el('button', { type: 'button', title: 'Enlarge', onclick: () => enlarge(group, picture) },
          el('img', { src: picture.uri, alt: `${picture.name} of ${group.name}`, loading: 'lazy', decoding: 'async' })))),
        el('figcaption', { title: details.pictures[group.index][0].folder }, details.pictures[group.index][0].folder.split('/').slice(-2).join('/')));
    }));
  }
  onThemeChange(draw);
  draw();
  const rest = list.length < groups.length ? ` ${counted(list.length, 'group')} of ${groups.length} have pictures here.` : '';
  return section('pictures', 'Reconstructions and samples', `Of the first run that counts of each group.${rest}`,
    names.length > 1 ? el('div', { class: 'controls' }, select('Pictures', [['both', 'both'], ...names.map((name) => [name, name])], shown, (name) => { shown = name; draw(); })) : null,
    grid);
}
