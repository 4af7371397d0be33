// Tables; those with headings to sort by have a button in each.
import { el } from './document.js';

const missing = (value) => value === null || value === undefined || value === '' || Number.isNaN(value);

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/**
 * A table in a box that scrolls. Columns: `heading` (text or element), `cell(row)` (text or nodes),
 * and, to sort by them, `value(row)`; `number`, `sticky`, `key`, `wide` and classes in `kind` say how they look. Clicking
 * a heading sorts, best first by `better` where it says so, and then the other way; what has no
 * value comes last either way.
 */
export function table({ caption, columns, rows, sorted = null, kind = '' }) {
  const body = el('tbody');
  const look = (column) => [column.number && 'number', column.sticky && 'sticky', column.key && 'key', column.wide && 'wide', column.kind].filter(Boolean).join(' ');
  let order = sorted;

  function fill() {
    let list = [...rows];
    if (order) {
      const { column, descending } = order;
      const pick = columns[column].value;
      list.sort((a, b) => {
        const [x, y] = [pick(a), pick(b)];
        if (missing(x) || missing(y)) return missing(x) - missing(y);
        return descending ? compare(y, x) : compare(x, y);
      });
    }
    body.replaceChildren(...list.map((row) => el('tr', {}, columns.map((column) =>
      el(column.sticky ? 'th' : 'td', { class: look(column), scope: column.sticky ? 'row' : null }, column.cell(row))))));
    headings.forEach((heading, i) => {
      const on = order && order.column === i;
      if (on) heading.setAttribute('aria-sort', order.descending ? 'descending' : 'ascending');
      else heading.removeAttribute('aria-sort');
      const arrow = heading.querySelector('.arrow');
      if (arrow) arrow.textContent = on ? (order.descending ? '▼' : '▲') : '';
    });
  }

  const headings = columns.map((column, i) => {
    if (!column.value) return el('th', { class: look(column), scope: 'col' }, column.heading);
    return el('th', { class: look(column), scope: 'col' },
      el('button', {
        type: 'button',
        title: column.title ?? 'Sort by this column',
        onclick: () => {
          const again = order && order.column === i;
          order = { column: i, descending: again ? !order.descending : column.better === 'higher' };
          fill();
        },
      }, el('span', {}, column.heading), el('span', { class: 'arrow', 'aria-hidden': 'true' })));
  });
  fill();
  const box = el('div', { class: `scroll ${kind}`.trim(), tabIndex: 0, role: 'region', 'aria-label': caption },
    el('table', {}, el('caption', {}, caption), el('thead', {}, el('tr', {}, headings)), body));
  const cue = () => box.classList.toggle('more', box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  box.addEventListener('scroll', cue, { passive: true });
  new ResizeObserver(cue).observe(box);
  return box;
}
