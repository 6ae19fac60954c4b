// A server of pages and files, for tests in browsers.
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/**
 * Page server on 127.0.0.1. `pages` maps a path to HTML or to a handler `(request, response)`;
 * other paths are files under `root`, else an empty page. `reports` holds and emits what pages POST to /report.
 * With a certificate as `tls` it speaks https. `areKept`: browsers may keep the files, for pages that load the same ones.
 *
 * @param {Record<string, any>} [pages]
 * @param {{ root?: string, areKept?: boolean, tls?: { key: string, cert: string } }} [options]
 */
export async function server(pages = {}, { root = '', areKept = false, tls } = {}) {
  const reports = Object.assign(new EventEmitter(), { all: /** @type {any[]} */ ([]) });
  const file = (name) =>
    root && fs.statSync(path.join(root, name), { throwIfNoEntry: false })?.isFile() && path.join(root, name);
  const answer = async (request, response) => {
    const name = path.posix.normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    if (name === '/report') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const report = JSON.parse(text);
      reports.all.push(report);
      reports.emit('report', report);
      return response.end();
    }
    const page = pages[name];
    if (typeof page === 'function') return page(request, response);
    const found = page === undefined && file(name);
    response.setHeader(
      'content-type',
      `${found ? (types[path.extname(found)] ?? 'application/octet-stream') : 'text/html'}; charset=utf-8`,
    );
    if (found && areKept) response.setHeader('cache-control', 'max-age=3600');
    response.end(found ? fs.readFileSync(found) : `<!doctype html><html lang="en"><title>test</title>${page ?? ''}`);
  };
  const listener = tls ? https.createServer(tls, answer) : http.createServer(answer);
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const close = () => {
    listener.closeAllConnections();
    listener.close();
  };
  return { url: `http${tls ? 's' : ''}://127.0.0.1:${listener.address().port}`, reports, close };
}
