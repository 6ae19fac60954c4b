// What the playground offers. Each is a page of its own, as the script in it would stand in yours.

const counter = `<p>
  <label>Your name <input data-key="name"></label>
  clicked <output data-key="clicks">0</output> times
</p>
<button id="more">One more</button>
<button id="reload">Reload</button>

<script type="module">
  import { bind, sessionState } from 'tabstate';

  // once per tab; a reload finds what is there
  sessionState.clicks ??= 0;
  // each data-key, both ways
  bind(sessionState, document);

  more.onclick = () => { sessionState.clicks += 1; };
  reload.onclick = () => location.reload();
</script>
`;

const filters = `<form>
  <label>Search <input type="search" name="q"></label>
  <label><input type="checkbox" name="open"> only open ones</label>
  <label>Page <input type="number" name="page" min="1"></label>
</form>
<p>Typed: <code id="typed"></code></p>
<p>Query: <code id="query"></code></p>

<script type="module">
  import { bind, queryParams } from 'tabstate';

  // defaults pick the types, and stay out of the address
  const filters = queryParams.define({ q: '', open: false, page: 1 });
  bind(queryParams, 'form');

  const show = () => {
    typed.textContent = JSON.stringify(filters.toDict());
    query.textContent = '?' + queryParams;
  };
  queryParams.subscribe(show);
  show();
</script>
`;

const cached = `<button id="ask">Ask for the rate</button>
<button id="clear">Clear</button>
<ul id="log"></ul>

<script type="module">
  import { cacheData } from 'tabstate';

  // in memory and in storage, for an hour; equal calls share a run
  const rate = cacheData(async (currency) => {
    console.log('runs for', currency);
    await new Promise((done) => setTimeout(done, 800));
    return { currency, rate: 0.92, at: new Date() };
  }, { name: 'rate', ttl: '1h' });

  ask.onclick = async () => {
    const start = performance.now();
    const { rate: value, at } = await rate('EUR');
    const ms = Math.round(performance.now() - start);
    log.append(Object.assign(document.createElement('li'), {
      textContent: value + ' of ' + at.toLocaleTimeString() + ' after ' + ms + ' ms',
    }));
  };
  clear.onclick = () => rate.clear();
</script>
`;

const resource = `<button id="call">Call both</button>
<pre id="out"></pre>

<script type="module">
  import { cacheData, cacheResource } from 'tabstate';

  // one live object, shared: what a caller pushes is seen by the next one
  const shared = cacheResource(() => ['first']);
  // a fresh copy for every caller
  const copied = cacheData(() => ['first'], { name: 'copied' });

  call.onclick = async () => {
    const a = shared();
    const b = await copied();
    a.push('more');
    b.push('more');
    out.textContent += \`cacheResource: \${a.length}   cacheData: \${b.length}\\n\`;
  };
</script>
`;

const visitor = `<dl id="facts"></dl>
<button id="tea">I like tea</button>
<button id="none">Forget it</button>

<script type="module">
  import { context, removeCookie, setCookie } from 'tabstate';

  const show = () => {
    const { locale, timezone, theme, cookies } = context;
    const rows = { locale, timezone, theme: theme.type, likes: cookies.likes };
    facts.replaceChildren(...Object.entries(rows).flatMap(([name, text]) => [
      Object.assign(document.createElement('dt'), { textContent: name }),
      Object.assign(document.createElement('dd'), { textContent: text ?? '–' }),
    ]));
  };
  tea.onclick = () => { setCookie('likes', 'tea'); show(); };
  none.onclick = () => { removeCookie('likes'); show(); };
  context.subscribe('theme', show);
  show();
</script>
`;

const trouble = `<p>Nothing throws: each trouble is told once, below.</p>
<button id="broken">Read a broken entry</button>
<button id="big">Set a big value</button>
<p id="out"></p>

<script type="module">
  import { createSessionState, sessionState } from 'tabstate';

  broken.onclick = () => {
    // half a text, as a crash or another script may leave it
    sessionStorage.setItem('draft:text', '{"json":{"title":"Hal');
    const draft = createSessionState({ prefix: 'draft:' });
    out.textContent = 'It reads ' + draft.text + '.';
  };
  // choose "Storage is full" or "Storage is blocked" above, and press it again
  big.onclick = () => {
    sessionState.big = 'y'.repeat(10_000);
    sessionState.flush();
    out.textContent = sessionState.big.length + ' characters, in memory at least.';
  };
</script>
`;

/** By the name in the address. */
export const examples = {
  counter: { title: 'A counter that stays', text: counter },
  filters: { title: 'Filters in the address', text: filters },
  cached: { title: 'A cached function', text: cached },
  resource: { title: 'Shared or copied', text: resource },
  visitor: { title: 'Cookies and facts', text: visitor },
  trouble: { title: 'Storage in trouble', text: trouble },
};
