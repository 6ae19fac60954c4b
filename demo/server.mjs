// The static server of the site, with the headers that the pages need.
import { readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { policyOf } from './csp.mjs';

const folder = fileURLToPath(new URL('dist', import.meta.url));

/**
 * Serves static files on 127.0.0.1 as a web host does: types, compressed files, validators, ranges, a page for what is missing.
 *
 * @param {{ root?: string, port?: number, prefix?: string, headers?: Record<string, string> }} [options]
 *   `prefix`: the path under which the files are found, such as `/some/where`; `headers` are added to every answer.
 */
export async function startServer({ root = folder, port = 0, prefix = '', headers = {} } = {}) {
  const files = sirv(root, { dev: true, etag: true, gzip: true });
  const listener = http.createServer((request, response) => {
    const [pathname, query] = request.url.split(/(?=\?)/);
    const always = {
      'content-security-policy': policyOf(pathname),
      // two descriptions for context.headers: a page can read them, and nothing secret belongs here
      'server-timing': 'x-user;desc="u17", x-demo-server;desc="node, on this computer"',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
      ...headers,
    };
    for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return response.writeHead(405, { allow: 'GET, HEAD' }).end();
    const name = decoded(pathname);
    if (!`${name}/`.startsWith(`${prefix}/`)) return missing(response);
    request.url = request.url.slice(prefix.length) || '/';
    redirectFolder(name, query, response)
      .then((isDone) => isDone || files(request, response, () => missing(response)))
      .catch((error) => {
        console.error(error);
        response.destroy();
      });
  });

  /** A folder's page has its relative links below the folder: `/spa` goes to `/spa/`. */
  async function redirectFolder(name, query = '', response) {
    if (name.endsWith('/')) return false;
    const found = await stat(path.join(root, path.normalize(name.slice(prefix.length)))).catch(() => undefined);
    if (!found?.isDirectory()) return false;
    response.writeHead(308, { location: `${name}/${query}` }).end();
    return true;
  }

  async function missing(response) {
    const page = await readFile(path.join(root, '404.html'), 'utf8').catch(() => '<title>Not found</title>');
    // its links are relative to the start page, whatever was asked for
    const html = page.replace('<head>', `<head>\n    <base href="${prefix}/">`);
    response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end(html);
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

/** The path of a request as text; an empty one where its escapes are broken. */
function decoded(pathname) {
  try {
    return decodeURIComponent(pathname);
  } catch {
    // answered with 404
    return '';
  }
}
