// build.js SOURCE PAGE: bundles SOURCE's page into one file. Packages are those of the folder that it
// runs in.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [source, page] = process.argv.slice(2);
const modules = join(process.cwd(), 'node_modules');
const esbuild = createRequire(join(process.cwd(), 'package.json'))('esbuild');
const common = { bundle: true, minify: true, write: false, logLevel: 'warning', charset: 'utf8' };

const script = esbuild.buildSync({
  ...common,
  entryPoints: [join(source, 'src/main.js')],
  format: 'iife',
  target: 'es2020',
  nodePaths: [modules],
  define: { 'process.env.NODE_ENV': '"production"' },
}).outputFiles[0].text;
const style = esbuild.buildSync({ ...common, entryPoints: [join(source, 'page.css')] })
  .outputFiles[0].text;
if (/<\/(script|style)/i.test(script + style)) throw new Error('the bundle would end its element');

// What the licences of bundled packages ask to be kept.
const kept = ['echarts/NOTICE', 'zrender/LICENSE', 'tslib/CopyrightNotice.txt']
  .map((file) => `${file}\n\n${readFileSync(join(modules, file), 'utf8').trim()}`)
  .join('\n\n').replaceAll('--', '- -');
const licences = `\n<!--\nApache ECharts is under the Apache License, version 2.0.\n\n${kept}\n-->\n`;

// Only this one script may run, whatever texts of runs are shown.
const hash = createHash('sha256').update(script).digest('base64');
const parts = { STYLE: style, SCRIPT: script, HASH: `'sha256-${hash}'`, LICENCES: licences };
const html = readFileSync(join(source, 'page.html'), 'utf8')
  .replace(/@(STYLE|SCRIPT|HASH|LICENCES)@/g, (_, name) => parts[name]);
writeFileSync(page, html);
