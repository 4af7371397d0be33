// page_test.mjs HOURGLASS CHROMIUM [FOLDER]: the page opens without a network in windows of several
// sizes, asks for nothing, complains of nothing, and does what its buttons say. FOLDER keeps pictures
// of it. 77: there is no page or no browser here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Browser, Tab } from './browser.mjs';
import { writeRuns } from './written_runs.mjs';

const [program, chromium, keep] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'hourglass-runs-'));
const file = join(folder, 'page.html');
const SECTIONS = ['results', 'curves', 'parallel', 'pareto', 'pictures', 'pairs', 'differences', 'left-out', 'notes'];

function skip(why) {
  console.log(`skipped: ${why}`);
  rmSync(folder, { recursive: true, force: true });
  process.exit(77);
}

function makePage() {
  writeRuns(join(folder, 'runs'));
  const made = spawnSync(program, ['compare', 'runs', '--output', 'page.html'], { cwd: folder, encoding: 'utf8' });
  if (made.stderr.includes('this build has no page')) skip(made.stderr);
  assert.equal(made.status, 0, made.stderr);
  assert.ok(statSync(file).size < 1 << 20, 'the page is larger than 1 MiB');
}

/** What stands in a column of the table of results, by the column's heading. */
const column = (heading) => `(() => {
  const table = document.querySelector('#results table');
  const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.querySelector('button')?.textContent.includes('${heading}'));
  return [...table.tBodies[0].rows].map((row) => row.cells[at].textContent);
})()`;
const heading = (name) => `[...document.querySelectorAll('#results th button')].find((button) => button.textContent.includes('${name}'))`;

async function checkWhole(tab, width) {
  assert.deepEqual(await tab.evaluate(`[...document.querySelectorAll('section')].map((each) => each.id)`), SECTIONS);
  assert.ok(await tab.evaluate('document.documentElement.scrollWidth') <= width, 'the page is wider than its window');
  for (const id of ['curves', 'parallel', 'pareto']) {
    const count = await tab.evaluate(`document.querySelectorAll('#${id} .chart svg path').length`);
    assert.ok(count > 5, `the chart of ${id} is empty`);
  }
  assert.equal(await tab.evaluate(`[...document.querySelectorAll('#pictures img')].filter((each) => each.complete && each.naturalWidth === 60).length`) > 0, true);
  const text = await tab.evaluate('document.body.innerText');
  assert.match(text, /20 runs in 7 groups over 4 seeds\. 19 completed, 1 diverged\./);
  assert.match(text, /at step 3/);
  assert.ok(text.includes('</script><img src=x onerror=alert(1)>'), 'a hostile name is shown as it is');
}

/** On a phone: no table of a few rows scrolls within the page, and the first metric is seen whole. */
async function checkPhone(tab) {
  assert.ok(await tab.evaluate(`(() => {
    const box = document.querySelector('#results .scroll');
    const cell = [...box.querySelectorAll('tbody tr:first-child td.number')].find((each) => each.clientWidth > 0);
    return cell.getBoundingClientRect().right <= box.getBoundingClientRect().right && box.scrollHeight <= box.clientHeight;
  })()`), 'a row or the first metric is cut off');
}

/** Seconds differ more within groups than between them: the axis has room for the bars all the same. */
async function checkBars(tab) {
  const choose = (name) => tab.evaluate(`(() => { const box = document.querySelector('#pareto select'); box.value = '${name}'; box.dispatchEvent(new Event('change')); })()`);
  await choose('seconds');
  assert.ok(await tab.evaluate(`(() => {
    const svg = document.querySelector('#pareto svg');
    const box = svg.getBoundingClientRect();
    const bars = [...svg.querySelectorAll('path[stroke-opacity="0.45"], path[opacity="0.45"]')].map((each) => each.getBoundingClientRect());
    return bars.length > 5 && bars.every((bar) => bar.left >= box.left + 28 && bar.right <= box.right - 24);
  })()`), 'bars of the Pareto chart are cut off');
  await choose('parameters');
}

async function checkSorting(tab, phone) {
  const errors = (await tab.evaluate(column('squared_error'))).map((text) => parseFloat(text.replace(/^\D*/, '')));
  assert.deepEqual(errors, [...errors].sort((a, b) => a - b), 'the best stand first');
  await tab.evaluate(`${heading('squared_error')}.click()`);
  assert.deepEqual((await tab.evaluate(column('squared_error'))).map((text) => parseFloat(text.replace(/^\D*/, ''))), errors.reverse());
  assert.equal(await tab.evaluate(`document.querySelector('#results th[aria-sort]').getAttribute('aria-sort')`), 'descending');
  // By the keyboard. On a phone the keys of a group stand together.
  const name = phone ? 'group' : 'latent';
  await tab.evaluate(`${heading(name)}.focus()`);
  for (const type of ['keyDown', 'keyUp']) await tab.send('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' });
  const cells = await tab.evaluate(column(name));
  if (phone) assert.deepEqual(cells, [...cells].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
  else assert.deepEqual(cells.map(Number), [2, 2, 8, 8, 8, 32, 32]);
  assert.equal(await tab.evaluate(`document.querySelectorAll('#results th[aria-sort]').length`), 1);
}

async function checkControls(tab) {
  const paths = `document.querySelectorAll('#curves .chart svg path').length`;
  const explained = `document.querySelector('#curves .hint.below').textContent`;
  assert.match(await tab.evaluate(explained), /6 of 7 groups are on/);
  const before = await tab.evaluate(paths);
  await tab.evaluate(`document.querySelector('#curves .legend .none').click()`);
  assert.ok(await tab.evaluate(paths) < before, 'the legend hides groups');
  await tab.evaluate(`document.querySelector('#curves .legend .all').click()`);
  assert.equal(await tab.evaluate(`document.querySelectorAll('#curves .legend [aria-pressed="true"]').length`), 7);
  assert.doesNotMatch(await tab.evaluate(explained), /are on/);
  await tab.evaluate(`document.querySelector('#curves input[type="checkbox"]').click()`);
  const front = `document.querySelector('#pareto .hint.below').textContent`;
  const first = await tab.evaluate(front);
  assert.match(first, /vanilla, latent 2; vanilla, latent 8; vanilla, latent 32/);
  await tab.evaluate(`(() => { const box = document.querySelector('#pareto select'); box.value = 'test/reconstruction/psnr'; box.dispatchEvent(new Event('change')); })()`);
  assert.notEqual(await tab.evaluate(front), first);
  await tab.evaluate(`document.querySelector('#pictures figure button').click()`);
  assert.equal(await tab.evaluate(`document.querySelector('dialog').open`), true);
  await tab.evaluate(`document.querySelector('dialog').close()`);
  await tab.evaluate(`[...document.querySelectorAll('.chooser input')].filter((box) => !box.checked).forEach((box) => box.click())`);
  assert.ok((await tab.evaluate(column('test/loss').replaceAll('test/loss', 'loss'))).length === 7);
}

/** That the page could not ask for anything if it wanted to. */
async function checkPolicy(tab) {
  assert.equal(await tab.evaluate(`fetch('https://example.org/').then(() => 'fetched', () => 'refused')`), 'refused');
  await tab.evaluate(`(() => { const script = document.createElement('script'); script.textContent = 'window.strange = 1'; document.body.append(script); })()`);
  assert.equal(await tab.evaluate('window.strange'), undefined);
  assert.ok(tab.complaints.some((each) => each.includes('Content Security Policy')));
}

async function check(browser, size) {
  const tab = await Tab.open(browser, pathToFileURL(file).href, size);
  await checkWhole(tab, size.width);
  if (keep) {
    mkdirSync(keep, { recursive: true });
    writeFileSync(join(keep, `${size.width}${size.dark ? '-dark' : ''}.png`), await tab.picture());
  }
  const paper = await tab.evaluate(`getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]`);
  assert.equal(paper < 80, Boolean(size.dark), 'the paper is dark where the reader wants it so');
  if (size.width < 600) await checkPhone(tab);
  await checkBars(tab);
  await checkSorting(tab, size.width < 600);
  await checkControls(tab);
  assert.deepEqual(tab.requests.filter((address) => !address.startsWith('data:')), [pathToFileURL(file).href]);
  assert.deepEqual(tab.complaints, []);
  await checkPolicy(tab);
  await tab.close();
  console.log(`ok: ${JSON.stringify(size)}`);
}

if (spawnSync(chromium, ['--version']).status !== 0) skip(`${chromium} does not run`);
makePage();
const browser = await Browser.start(chromium);
try {
  await check(browser, { width: 1280 });
  await check(browser, { width: 390, height: 844 });
  await check(browser, { width: 1280, dark: true });
  await check(browser, { width: 390, height: 844, dark: true });
} finally {
  await browser.stop();
  rmSync(folder, { recursive: true, force: true });
}
