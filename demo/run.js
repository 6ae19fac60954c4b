// Runs the playground's code in its frame, run.html, which is sandboxed: it has no origin, so it reaches nothing of the site, and the browser
// gives it no storage. What it stores instead is kept by the page around it, which shows it.
{
  const tell = (message) => parent.postMessage(message, '*'); // an origin without a name

  /** What Web Storage does, over texts that the page around keeps. */
  function storageOf(area, texts, isFull) {
    const held = new Map(Object.entries(texts));
    return {
      get length() {
        return held.size;
      },
      key: (at) => [...held.keys()][at] ?? null,
      getItem: (key) => held.get(String(key)) ?? null,
      setItem(key, text) {
        if (isFull)
          throw new DOMException(
            'The quota is used up.',
            'QuotaExceededError',
          );
        held.set(String(key), String(text));
        tell({ area, key: String(key), text: String(text) });
      },
      removeItem(key) {
        if (held.delete(String(key))) tell({ area, key: String(key) });
      },
      clear() {
        for (const key of held.keys()) this.removeItem(key);
      },
    };
  }

  /** What `document.cookie` does, as far as names, values and their end go. */
  function cookiesOf(texts) {
    const held = new Map(Object.entries(texts));
    return {
      get: () =>
        [...held].map(([name, text]) => `${name}=${text}`).join('; '),
      set(line) {
        const [, name, text, rest] = /^\s*([^=;]*)=([^;]*)(.*)/s.exec(
          line,
        );
        const [, end] = /expires=([^;]*)/i.exec(rest) ?? [];
        const [, age] = /max-age=(-?\d+)/i.exec(rest) ?? [];
        const isOver = age
          ? Number(age) <= 0
          : Date.parse(end) <= Date.now();
        if (isOver) held.delete(name);
        else held.set(name, text);
        tell({
          area: 'cookie',
          key: name,
          text: isOver ? undefined : text,
        });
      },
    };
  }

  /** A store of `createCache` in place of the IndexedDB that is not there. */
  function cacheStoreOf(entries) {
    const held = new Map(Object.entries(entries));
    const remove = (key) => {
      if (held.delete(key)) tell({ area: 'cache', key });
    };
    return {
      get: async (key) => held.get(key),
      async set(key, entry) {
        tell({ area: 'cache', key, text: entry });
        held.set(key, structuredClone(entry));
      },
      delete: async (key) => remove(key),
      async clear(prefix) {
        for (const key of held.keys())
          if (key.startsWith(prefix)) remove(key);
      },
    };
  }

  function replaceStorage({ session, local, cookie, cache }, trouble) {
    const define = (of, name, descriptor) =>
      Object.defineProperty(of, name, {
        configurable: true,
        ...descriptor,
      });
    const isFull = trouble === 'full';
    define(window, 'sessionStorage', {
      value: storageOf('session', session, isFull),
    });
    define(window, 'localStorage', {
      value: storageOf('local', local, isFull),
    });
    define(document, 'cookie', cookiesOf(cookie));
    const store = cacheStoreOf(cache);
    window.tabstate = {
      ...tabstate,
      ...tabstate.createCache({ store, name: 'playground' }),
    };
  }

  /** `import … from 'tabstate'` gets the same names as the script tag. */
  function importMap() {
    const names = Object.keys(tabstate).join(', ');
    const code = `export const { ${names} } = globalThis.tabstate;`;
    const url = URL.createObjectURL(
      new Blob([code], { type: 'text/javascript' }),
    );
    const map = JSON.stringify({ imports: { tabstate: url } });
    return `<script type="importmap">${map}</script>`;
  }

  const textOf = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      // a cycle, or a big integer
      return String(value);
    }
  };
  function report() {
    for (const level of ['log', 'info', 'warn', 'error']) {
      const write = console[level];
      console[level] = (...values) => {
        tell({ level, line: values.map(textOf).join(' ') });
        if (level === 'log') write.apply(console, values);
      };
    }
  }
  function reportErrors() {
    addEventListener('error', (event) => {
      tell({
        level: 'error',
        line: textOf(event.error ?? event.message),
      });
    });
    addEventListener('unhandledrejection', (event) => {
      tell({ level: 'error', line: textOf(event.reason) });
    });
  }

  // each loop of the code calls this: one that does not let the browser breathe for half a second ends with an error
  let started;
  let turns = 0;
  window.__loop = () => {
    if (++turns % 256 > 0 && started !== undefined) return;
    const now = performance.now();
    if (started === undefined) {
      started = now;
      setTimeout(() => {
        started = undefined;
      });
    } else if (now - started > 500) {
      const error = new Error(
        'it ran for half a second without a pause.',
      );
      error.name = 'The loop was stopped';
      // told here, too: WebKit says nothing of modules that fail after an await
      tell({ level: 'error', line: textOf(error) });
      throw error;
    }
  };

  let ahead = 0;
  const now = Date.now;
  Date.now = () => now() + ahead;

  for (const name of ['pushState', 'replaceState']) {
    const write = history[name];
    history[name] = function (...values) {
      write.apply(this, values);
      tell({ search: location.search });
    };
  }

  function hear({ source, data }) {
    if (source !== parent) return;
    if ('ahead' in data) ahead = data.ahead;
    if ('theme' in data)
      document.documentElement.dataset.theme = data.theme;
  }

  window.runCode = (message) => {
    const { html, held, trouble, theme } = message;
    hear({ source: parent, data: message });
    if (trouble !== 'blocked') replaceStorage(held, trouble);
    report();
    document.open(); // takes all listeners away
    addEventListener('message', hear);
    reportErrors();
    document.write(
      `<!doctype html><html lang="en" data-theme="${theme}"><head><meta charset="utf-8"><title>Result</title>`,
      `<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="style.css">${importMap()}</head>`,
      `<body class="framed">${html}`,
    );
    document.close();
    tell({ isRunning: true });
  };
}
