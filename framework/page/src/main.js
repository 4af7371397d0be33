import { curves } from './curves.js';
import { differences } from './differences.js';
import { groups } from './groups.js';
import { leftOut } from './left_out.js';
import { notes } from './notes.js';
import { pairs } from './pairs.js';
import { parallel } from './parallel.js';
import { pareto } from './pareto.js';
import { pictures } from './pictures.js';
import { results } from './results.js';
import { footer, header } from './summary.js';

const made = [results, curves, parallel, pareto, pictures, pairs, differences]
  .map((make) => (groups.length > 0 ? make() : null));
const sections = [...made, leftOut(), notes()].filter((section) => section !== null);
document.getElementById('page').append(header(sections), ...sections, footer());
