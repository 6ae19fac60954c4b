import fs from 'node:fs';
import { server } from './tools/server.mjs';
import { launch } from './tools/tabs.mjs';
const engine = process.argv[2] ?? 'chromium';
const s = await server({ '/': '<script src="/tabstate.min.js"></script><script src="/js.cookie.min.js"></script>',
 '/js.cookie.min.js': (q, r) => { r.setHeader('content-type','text/javascript'); r.end(fs.readFileSync('node_modules/js-cookie/dist/js.cookie.min.js')); } }, { root: 'dist' });
const b = await launch(engine);
try {
const tab = await b.open?.() ?? await b.newTab?.() ?? await b.tab?.();
await tab.goto(s.url + '/');
console.log(JSON.stringify(await tab.eval(`(async () => {
  for (let i = 0; i < 5; i++) document.cookie = 'c' + i + '=value; path=/';
  const runs = {
    raw: (n) => { document.cookie = 'b=' + n + '; path=/'; },
    rawread: (n) => { document.cookie = 'b=' + n + '; path=/'; document.cookie; },
    readraw: (n) => { document.cookie; document.cookie = 'b=' + n + '; path=/'; },
    js: (n) => Cookies.set('b', String(n)),
    ours: (n) => tabstate.setCookie('b', String(n)),
    ours2: (n) => tabstate.setCookie('b', String(n), {}),
    read: (n) => document.cookie,
  };
  const times = {}; for (const k in runs) times[k] = [];
  const names = Object.keys(runs);
  const N = 40;
  for (let r = 0; r < 60; r++) {
    names.sort(() => Math.random() - .5);
    for (const k of names) { let sum = 0;
      for (let i = 0; i < N; i++) { document.cookie; const t = performance.now(); for (let j = 0; j < 1; j++) runs[k](r * 100 + i); sum += performance.now() - t; document.cookie; }
      times[k].push(sum / N * 1000); }
    await new Promise((r) => setTimeout(r));
  }
  const out = {}; for (const k in times) out[k] = +times[k].sort((a, b) => a - b)[30].toFixed(1);
  return out;
})()`)));
} finally { await b.close(); s.close(); process.exit(); }
