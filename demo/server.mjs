import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { policyOf } from './csp.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.parquet': 'application/vnd.apache.parquet',
};
const compressible = new Set(['.html', '.js', '.css', '.csv', '.json', '.map', '.svg', '.txt', '.wasm']);
const folder = fileURLToPath(new URL('dist', import.meta.url));

/**
 * Serves static files on 127.0.0.1 as a web host does: types, gzip, validators, ranges.
 *
 * @param {{ root?: string, port?: number, prefix?: string, headers?: Record<string, string> }} [options]
 *   `prefix`: the path under which the files are found, such as `/some/where`; `headers` are added to every answer.
 */
export async function startServer({ root = folder, port = 0, prefix = '', headers = {} } = {}) {
  const listener = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  const compressed = new Map();

  async function answer(request, response) {
    const always = {
      'content-security-policy': policyOf(request.url.replace(/[?#].*/, '')),
      // two descriptions for context.headers: a page can read them, and nothing secret belongs here
      'server-timing': 'x-user;desc="u17", x-demo-server;desc="node, on this computer"',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
      ...headers,
    };
    const end = (status, more = {}, text = '') => {
      response.writeHead(status, { ...always, ...more });
      response.end(text);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, { allow: 'GET, HEAD' });
    const name = pathOf(request.url);
    if (name === undefined || !`${name}/`.startsWith(`${prefix}/`)) return end(404, {}, 'Not found');
    const wanted = path.join(root, name.slice(prefix.length));
    const found = await stat(wanted).catch(() => undefined);
    if (found?.isDirectory() && !name.endsWith('/')) return end(308, { location: `${name}/` });
    const file = found?.isDirectory() ? path.join(wanted, 'index.html') : wanted;
    const { size, mtimeMs } = (file === wanted ? found : await stat(file).catch(() => undefined)) ?? {};
    if (size === undefined) return end(404, {}, 'Not found');

    const etag = `"${createHash('sha1').update(`${file} ${size} ${mtimeMs}`).digest('base64url')}"`;
    const type = types[path.extname(file)] ?? 'application/octet-stream';
    const about = { 'content-type': type, etag, 'accept-ranges': 'bytes', vary: 'accept-encoding' };
    if (request.headers['if-none-match'] === etag) return end(304, { etag });

    const range = rangeOf(request.headers.range, size);
    if (range === null) return end(416, { 'content-range': `bytes */${size}` });
    if (!range && compressible.has(path.extname(file)) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
      let bytes = compressed.get(etag);
      if (!bytes) compressed.set(etag, (bytes = await promisify(gzip)(await readFile(file))));
      response.writeHead(200, { ...always, ...about, 'content-encoding': 'gzip', 'content-length': bytes.length });
      return response.end(request.method === 'HEAD' ? undefined : bytes);
    }
    const [start, last] = range ?? [0, size - 1];
    const length = { 'content-length': last - start + 1 };
    const partial = range ? { 'content-range': `bytes ${start}-${last}/${size}` } : {};
    response.writeHead(range ? 206 : 200, { ...always, ...about, ...length, ...partial });
    if (request.method === 'HEAD' || size === 0) return response.end();
    createReadStream(file, { start, end: last })
      .on('error', () => response.destroy())
      .pipe(response);
  }

  await new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise((resolve) => {
      listener.close(resolve);
      listener.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${listener.address().port}${prefix}/`, close };
}

/** The path of a request without `..`; undefined where it is no valid text. */
function pathOf(url) {
  try {
    const name = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    return name.includes('\0') ? undefined : path.posix.normalize(name);
  } catch {
    // a malformed escape or address: answered with 404
    return undefined;
  }
}

/** First and last byte of a `Range` header; undefined without one (or with several), null when it cannot be met. */
function rangeOf(header, size) {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined || from + to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > last ? null : [start, last];
}
