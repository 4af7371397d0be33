// Numbers as the page writes them, beside those of tests/compare/number_text_test.cpp.
import assert from 'node:assert/strict';
import { intervalText, meanAlone, meanText, probabilityText, rankText } from '../../framework/page/src/numbers.js';

const shown = (mean, sd) => meanText({ mean, sd });

assert.equal(shown(242.8765, 1.23456), '242.9 ± 1.2');
assert.equal(shown(652824, 0), '652,824');
assert.equal(shown(1.234e-9, 2e-10), '(1.23 ± 0.20)e-9');
// What rounds up to a power of ten has as many digits as what is just below it.
assert.equal(shown(9.9996, null), '10.00');
assert.equal(shown(9.9996e-9, null), '1.000e-8');
assert.equal(shown(9.996e-9, 2e-10), '(1.000 ± 0.020)e-8');
assert.equal(shown(0.00099996, null), '0.001000');
assert.equal(shown(5, 0.0996), '5.00 ± 0.10');
assert.equal(shown(50, 9.96), '50 ± 10');
// A deviation by rounding alone is none.
assert.equal(shown(242.8765, 1e-12), '242.9');
assert.equal(meanAlone({ mean: 652824, sd: 1e-9 }), '652,824');
assert.equal(intervalText({ mean: 9.9996, sd: null, low: 9, high: 11 }), '[9.00, 11.00]');
// Halves go to the even digit, as in C; what is only near one does not.
assert.deepEqual([1.25, 1.75, 2.75, 1.35, 2].map(rankText), ['1.2', '1.8', '2.8', '1.4', '2']);
assert.deepEqual([0.125, 0.375, 0.995].map(probabilityText), ['0.12', '0.38', '0.99']);
assert.equal(shown(-2.5, 30), '-2 ± 30');
console.log('ok');
