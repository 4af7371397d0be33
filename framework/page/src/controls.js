// What a reader can set.
import { el } from './document.js';

/** A select box; options are [value, text]. */
export function select(label, options, value, onChange) {
  const box = el('select', { onchange: () => onChange(box.value) },
    options.map(([key, text]) => el('option', { value: key, selected: key === value }, text)));
  return el('label', {}, label, box);
}

export function checkbox(label, checked, onChange) {
  const box = el('input', { type: 'checkbox', checked, onchange: () => onChange(box.checked) });
  return el('label', { class: 'check' }, box, label);
}

export const saveButton = (chart, name) =>
  el('button', { type: 'button', class: 'button end', title: 'Save this chart as an SVG file', onclick: () => chart.save(name) }, 'Save SVG');

/** Buttons that show or hide groups; `shown` is a set of their numbers, kept up to date. */
export function legend(groups, shown, colour, onChange) {
  const buttons = groups.map((group) => el('button', {
    type: 'button',
    'aria-pressed': String(shown.has(group.index)),
    onclick: () => {
      if (!shown.delete(group.index)) shown.add(group.index);
      refresh();
    },
  }, el('span', { class: 'swatch', style: { background: colour(group.index) } }), group.name));
  function refresh() {
    groups.forEach((group, i) => buttons[i].setAttribute('aria-pressed', String(shown.has(group.index))));
    onChange();
  }
  const all = (on) => () => {
    shown.clear();
    if (on) groups.forEach((group) => shown.add(group.index));
    refresh();
  };
  const box = el('div', { class: 'legend', role: 'group', 'aria-label': 'Groups shown' }, buttons,
    groups.length > 2 ? [
      el('button', { type: 'button', class: 'all', onclick: all(true) }, 'all'),
      el('button', { type: 'button', class: 'none', onclick: all(false) }, 'none')] : null);
  const recolour = () => groups.forEach((group, i) => { buttons[i].firstChild.style.background = colour(group.index); });
  return { box, recolour };
}
