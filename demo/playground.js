const {
  createCache,
  createSessionState,
  queryParams,
  removeCookie,
  setCookie,
} = tabstate;
const element = (id) => document.getElementById(id);
const show = (id, text) => {
  element(id).textContent = text;
};

const onWarning = ({ code, message }) => {
  const item = document.createElement('li');
  const name = document.createElement('code');
  name.textContent = code;
  item.append(name, ` ${message}`);
  element('warnings').append(item);
};
element('quiet').onclick = () => element('warnings').replaceChildren();

const prefix = 'playground:';
const state = createSessionState({ prefix, onWarning });
const { cacheData } = createCache({
  name: 'playground',
  onWarning,
});

// ---------- store, and look ----------

/** What the form puts into the cache is the result of a function of the key. */
const typed = cacheData((key) => parse(element('value').value, key), {
  name: 'typed',
});

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // no JSON: the text itself
    return text;
  }
}

const places = {
  session: {
    store: (key, text) => state.set(key, parse(text)),
    remove: (key) => state.delete(key),
  },
  query: {
    store: (key, text) => queryParams.set(key, text),
    remove: (key) => queryParams.delete(key),
  },
  cookie: {
    store: (key, text) => setCookie(key, text),
    remove: (key) => removeCookie(key),
  },
  cache: {
    store: (key) => typed.refresh(key),
    remove: (key) => typed.clear(key),
  },
};
const place = () => places[new FormData(element('store')).get('where')];

async function act(verb) {
  const key = element('key').value;
  try {
    await place()[verb](key, element('value').value);
    show(
      'stored',
      verb === 'store' ? `Stored under ${key}.` : `Removed ${key}.`,
    );
  } catch (error) {
    show('stored', `${error.name}: ${error.message}`); // a mistake of the caller is told at once
  }
  await look();
}
element('store').onsubmit = (event) => {
  event.preventDefault();
  act('store');
};
element('remove').onclick = () => act('remove');

const short = (text) =>
  text.length > 200
    ? `${text.slice(0, 200)} … (${text.length.toLocaleString('en')} characters)`
    : text;

async function look() {
  state.flush();
  queryParams.flush();
  const held = [];
  for (let i = 0; i < sessionStorage.length; i++) {
    const key = sessionStorage.key(i);
    held.push([
      'sessionStorage',
      key,
      short(sessionStorage.getItem(key)),
    ]);
  }
  for (const [key, text] of new URLSearchParams(location.search))
    held.push(['address', key, text]);
  for (const cookie of document.cookie.split('; ').filter(Boolean)) {
    const [key, ...text] = cookie.split('=');
    held.push(['document.cookie', key, text.join('=')]);
  }
  for (const { name, entries, bytes } of await cacheData.info())
    held.push([
      'IndexedDB',
      name,
      `${entries} entries, ${bytes.toLocaleString('en')} bytes`,
    ]);
  const rows = held
    .sort(([a, b], [c, d]) => (a + b < c + d ? -1 : 1))
    .map((cells) => {
      const row = document.createElement('tr');
      for (const cell of cells) row.insertCell().textContent = cell;
      return row;
    });
  element('held').replaceChildren(...rows);
}
element('look').onclick = look;

// ---------- break ----------

element('fill').onclick = async () => {
  for (let size = 2 ** 22, i = 0; size >= 1; i++) {
    try {
      sessionStorage.setItem(`filler:${i}`, 'x'.repeat(size));
    } catch {
      size = Math.floor(size / 2); // full at this size: try half of it, down to one character
    }
  }
  state.big = 'y'.repeat(100_000);
  state.flush();
  show(
    'full',
    `No error. state.big has ${state.big.length.toLocaleString('en')} characters, in memory.`,
  );
  await look();
};
element('free').onclick = async () => {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith('filler:')) sessionStorage.removeItem(key);
  state.flush();
  const isStored = sessionStorage.getItem(`${prefix}big`) !== null;
  show(
    'full',
    isStored ? 'Room again: state.big has been written.' : 'Room again.',
  );
  await look();
};

element('corrupt').onclick = async () => {
  sessionStorage.setItem('broken:draft', '{"json":{"title":"Hal');
  const asNewPage = createSessionState({
    prefix: 'broken:',
    onWarning,
  });
  show(
    'corrupted',
    `No error. The key reads ${asNewPage.draft}; its text stays until the key is set.`,
  );
  await look();
};

element('block').onclick = () => {
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.src = 'blocked.html';
  frame.title = 'A page without any storage';
  element('frame').replaceChildren(frame);
};

addEventListener('message', ({ source, data }) => {
  if (source === element('frame').firstElementChild?.contentWindow)
    show('blocked', `The frame counts to ${data.count}.`);
});

// ---------- the clock ----------

let runs = 0;
let ahead = 0;
const now = Date.now;
Date.now = () => now() + ahead;
const hourly = cacheData(
  () => {
    runs += 1;
    return new Date(Date.now()).toLocaleTimeString('en');
  },
  { name: 'hourly', ttl: '1h' },
);

async function callHourly() {
  const before = runs;
  const value = await hourly();
  show('clock-runs', runs);
  show(
    'clock-status',
    `${runs > before ? 'It ran' : 'Kept'}: a value of ${value}.`,
  );
}
const move = (minutes) => {
  ahead += minutes * 60_000;
  tick();
};
function tick() {
  show('clock', new Date(Date.now()).toLocaleTimeString('en'));
}
element('clock-call').onclick = callHourly;
element('minutes').onclick = () => move(30);
element('hours').onclick = () => move(120);
tick();

await look();
document.documentElement.dataset.ready = 'true';
