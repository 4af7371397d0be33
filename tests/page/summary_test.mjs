// The sentence on who leads, with as much of a document as it asks for.
import assert from 'node:assert/strict';

const group = (variant, n, mean) => ({ point: { variant }, n, statuses: { completed: n }, runs: [], metrics: { 'a/psnr': { mean, sd: n > 1 ? 1 : null, n } } });
const data = {
  comparison: {
    groups: [group('lucky', 1, 30), group('steady', 2, 20.5), group('worse', 2, 10.5)],
    metrics: [{ name: 'a/psnr', better: 'higher', unit: 'dB' }],
    faults: [],
  },
  details: {
    keys: [{ key: 'variant', label: 'variant', shown: true }],
    chosen: ['a/psnr'],
    leads: { 'a/psnr': 1 },
    standings: { 'a/psnr': [null, null, 'worse'] },
    protocol: {},
  },
};

class Element {
  children = [];
  append(...children) { this.children.push(...children); }
  setAttribute() {}
  get text() { return this.children.map((child) => child.text ?? child).join(''); }
}
globalThis.document = {
  getElementById: (id) => ({ textContent: JSON.stringify(data[id]) }),
  createElement: () => new Element(),
};

const { header } = await import('../../framework/page/src/summary.js');
const { text } = header([]);
assert.ok(text.includes('Of groups with two runs or more, the best mean of a/psnr (higher is better) is that of steady: 20.5 ± 1.0 dB. '
  + 'It is shown to be better than 1 of the 2 others.'), text);
console.log('ok');
