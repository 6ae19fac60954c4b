import { launch } from './test/tools/tabs.mjs';
import { server } from './test/tools/server.mjs';
const site = await server({ '/': '<script src="/tabstate.min.js"></script>' }, { root: 'dist' });
for (const engine of (process.argv[2] ?? 'chromium').split(',')) {
  const b = await launch(engine, {}); const t = await b.newTab();
  await t.goto(site.url + '/?' + Array.from({ length: 30 }, (_, i) => `key${i}=value+${i}`).join('&'));
  console.log(engine, JSON.stringify(await t.eval(`(async () => {
    const q = tabstate.queryParams; let inner = 0, n = 0; const real = history.replaceState;
    const out = [];
    history.replaceState = function (...a) { const s = performance.now(); real.apply(this, a); inner += performance.now() - s; };
    const N = 30;
    for (const round of [1,2]) {
      let s = performance.now(); inner = 0;
      for (let i = 0; i < N; i++) { q.key15 = n++; q.flush(); await 0; }
      const total = performance.now() - s;
      out.push(['set+flush us', total / N * 1000, 'native us', inner / N * 1000]);
    }
    const time = (name, f) => { const t = []; for (let r = 0; r < 9; r++) { const s = performance.now(); for (let i = 0; i < 5000; i++) f(); t.push((performance.now() - s) / 5); } t.sort((a, b) => a - b); out.push([name, t[4].toFixed(3), t[0].toFixed(3)]); };
    let last = location.href; let c = 0;
    time('set', () => { q.key15 = n++; });
    q.flush();
    time('set method', () => { q.set('key15', n++); });
    q.flush();
    time('href', () => location.href);
    time('href compare', () => { if (location.href !== last) c++; });
    time('document', () => { if (typeof document === 'undefined') c++; });
    time('read', () => q.key14);
    const m = new Map(); const p = new Proxy({}, { set(t, k, v) { m.set(k, v); return true; } });
    time('proxy', () => { p.key15 = n++; });
    return out;
  })()`)));
  await b.close();
}
site.close();
