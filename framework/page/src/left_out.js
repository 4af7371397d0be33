// Runs that do not count, and why.
import { counted, section } from './document.js';
import { comparison } from './groups.js';
import { table } from './table.js';

/** All but those that are still to come. */
function rowsOf() {
  const runs = comparison.groups.flatMap((group) => group.runs).filter((run) => !run.counted && run.status !== 'waiting');
  return [
    ...runs.map((run) => ({ folder: run.folder, status: run.status, why: run.message ?? (run.status === 'completed' ? 'its seed has run before' : '') })),
    ...comparison.faults.map((fault) => ({ folder: fault.folder, status: 'no run', why: fault.what })),
  ];
}

export function leftOut() {
  const rows = rowsOf();
  const waiting = comparison.groups.flatMap((group) => group.runs).filter((run) => run.status === 'waiting').length;
  if (rows.length + waiting === 0) return null;
  const column = (name, options) => ({ heading: name, value: (row) => row[name], cell: (row) => row[name], ...options });
  return section('left-out', 'Not in the means',
    waiting > 0 ? `${counted(waiting, 'run is', 'runs are')} still to come.` : 'Runs that do not count, and what was found that is no run.',
    rows.length > 0 ? table({ caption: 'Runs that do not count', columns: [column('folder', { sticky: true, key: true }), column('status'), column('why', { wide: true })], rows }) : null);
}
