// A headless Chromium without a network, through its DevTools protocol. Needs nothing but Node.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe',
  // Whatever is asked for goes nowhere.
  '--host-resolver-rules=MAP * ~NOTFOUND', '--proxy-server=127.0.0.1:9'];

/** Starts `program`; `send(method, parameters, session)` asks it, `on(listener)` hears its events. */
export class Browser {
  static async start(program) {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'hourglass-page-'));
    browser.process = spawn(program, [...FLAGS, `--user-data-dir=${browser.profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    browser.ended = new Promise((resolve) => { browser.process.once('exit', resolve); });
    browser.process.once('error', (error) => { throw error; });
    browser.ended.then(() => browser.waiting.forEach(({ reject }) => reject(new Error('Chromium has ended'))));
    let rest = '';
    browser.process.stdio[4].setEncoding('utf8').on('data', (chunk) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop();
      messages.forEach((message) => browser.hear(JSON.parse(message)));
    });
    return browser;
  }

  waiting = new Map();
  listeners = [];
  last = 0;

  hear(message) {
    if (message.id === undefined) {
      this.listeners.forEach((listener) => listener(message));
      return;
    }
    const { resolve, reject } = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }

  on(listener) {
    this.listeners.push(listener);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.last;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => { this.waiting.set(id, { resolve, reject }); });
  }

  async stop() {
    this.process.kill();
    await this.ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A page that is open in a window of this size, and what it has asked for and complained of. */
export class Tab {
  static async open(browser, address, { width, height = 900, dark = false, print = false }) {
    const tab = new Tab();
    tab.browser = browser;
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    tab.target = targetId;
    tab.session = (await browser.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    let loaded;
    const load = new Promise((resolve) => { loaded = resolve; });
    browser.on(({ method, params, sessionId }) => {
      if (sessionId !== tab.session) return;
      if (method === 'Page.loadEventFired') loaded();
      if (method === 'Network.requestWillBeSent') tab.requests.push(params.request.url);
      if (method === 'Runtime.exceptionThrown') tab.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type)) tab.complaints.push(params.args.map((each) => each.value ?? each.description).join(' '));
      if (method === 'Log.entryAdded') tab.complaints.push(params.entry.text);
    });
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await tab.send(`${domain}.enable`);
    await tab.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await tab.send('Emulation.setEmulatedMedia', { media: print ? 'print' : '', features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: 'reduce' }] });
    await tab.send('Page.navigate', { url: address });
    await load;
    await tab.evaluate('new Promise((resolve) => setTimeout(resolve, 400))');
    return tab;
  }

  requests = [];
  complaints = [];

  send(method, parameters) {
    return this.browser.send(method, parameters, this.session);
  }

  /** The value of an expression in the page; of a promise, what it comes to. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** The whole page as PNG. */
  async picture() {
    return Buffer.from((await this.send('Page.captureScreenshot', { captureBeyondViewport: true })).data, 'base64');
  }

  close() {
    return this.browser.send('Target.closeTarget', { targetId: this.target });
  }
}
