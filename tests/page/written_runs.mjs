// Folders of runs that nobody has trained.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

function crc(bytes) {
  if (crc32) return crc32(bytes);
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let i = 0; i < 8; ++i) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** A grey picture of this size, as PNG. */
function picture(width, height) {
  const chunk = (name, content) => {
    const body = Buffer.concat([Buffer.from(name), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 128);
  for (let y = 0; y < height; ++y) rows[y * (width + 1)] = 0;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Runs a folder each: two variants, three widths, three seeds; one that diverged; a hostile name. */
export function writeRuns(folder) {
  const put = (name, content) => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  };
  const hostile = '</script><img src=x onerror=alert(1)>';
  const write = (name, { variant, latent, seed, status = 'completed', error, message = '' }) => {
    put(`${name}/experiment.yaml`, `name: a\nseed: ${seed}\nvariant: '${variant}'\ndataset: {name: glyphs}\nmodel: {latent: ${latent}}\n`);
    put(`${name}/result.yaml`, `name: a\nvariant: '${variant}'\nseed: ${seed}\nstatus: ${status}\n${message}`
      + `seconds: ${2 + seed / 10}\nparameters: ${1000 * latent}\nmetrics:\n  test/loss: ${100 * error}\n`
      + `  test/reconstruction/squared_error_per_feature: ${error}\n  test/reconstruction/psnr: ${20 - 100 * error}\n`
      + 'protocol:\n  test/reconstruction/psnr: "dB; mean over images"\n');
    const rows = [1, 2, 3, 4, 5].map((epoch) => `${epoch},${epoch * 10},${300 * error / epoch + seed},${310 * error / epoch + seed}\n`);
    put(`${name}/metrics.csv`, `epoch,step,train/loss,test/loss\n${rows.join('')}`);
    put(`${name}/figures/reconstructions.png`, picture(60, 30));
  };
  for (const [v, variant] of ['vanilla', 'vae'].entries()) {
    for (const latent of [2, 8, 32]) {
      for (const seed of [1, 2, 3]) {
        write(`${variant}-${latent}-${seed}`, { variant, latent, seed, error: 0.05 + v * 0.02 - latent / 1000 + seed / 5000 });
      }
    }
  }
  write('lost', { variant: 'vae', latent: 32, seed: 4, error: 1, status: 'diverged', message: 'message: "at step 3"\n' });
  write('hostile', { variant: hostile, latent: 8, seed: 1, error: 0.2 });
}
