// The playground: editor, examples, the frame that runs them, and what they store.
import { examples } from './playground/examples.js';

const { context, createQueryParams, queryParams, sessionState } =
  tabstate;
const element = (id) => document.getElementById(id);
const status = (text) => {
  element('status').textContent = text;
};

// ---------- the code: an example, a share link, or what was typed in this tab ----------

const chosen = queryParams.ref(
  'example',
  tabstate.param.oneOf(Object.keys(examples)).withDefault('counter'),
);
const link = createQueryParams({ source: 'hash' }); // no server gets to see it

const through = async (bytes, stream) =>
  new Uint8Array(
    await new Response(
      new Blob([bytes]).stream().pipeThrough(stream),
    ).arrayBuffer(),
  );
async function pack(text) {
  const bytes = await through(
    new TextEncoder().encode(text),
    new CompressionStream('deflate-raw'),
  );
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
async function unpack(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  return new TextDecoder().decode(
    await through(bytes, new DecompressionStream('deflate-raw')),
  );
}

let hint = '';

/** The code of the address; none if it is not there, or was cut on its way. */
async function shared() {
  if (!link.code) return undefined;
  try {
    return await unpack(link.code);
  } catch {
    hint = 'The link’s code is not whole: this is an example. ';
    return undefined;
  }
}

let code =
  (await shared()) ?? sessionState.code ?? examples[chosen.value].text;

function changed(text) {
  code = text;
  hint = '';
  sessionState.code = text;
  delete link.code;
}

// ---------- what is heavy: the editor, which reads code for the frame, too, and the frame's scripts ----------

let loaded;
const load = () => {
  loaded ??= start();
  return loaded;
};

/** How many characters of the text are before the place that was clicked, or tapped. */
function caretIn(shown) {
  const { anchorNode, anchorOffset } = getSelection();
  if (!shown.contains(anchorNode)) return 0;
  const range = document.createRange();
  range.setStart(shown, 0);
  range.setEnd(anchorNode, anchorOffset);
  return range.toString().length;
}

async function start() {
  const [{ createEditor, withGuards }, ...scripts] = await Promise.all([
    import('./lib/editor.js'),
    ...['lib/tabstate.min.js', 'run.js'].map(async (name) =>
      (await fetch(name)).text(),
    ),
  ]).catch((error) => {
    status('The editor could not be loaded. Reload the page.');
    throw error;
  });
  const shown = element('code');
  const caret = document.activeElement === shown && caretIn(shown);
  const editor = createEditor({
    host: element('editor'),
    label: shown.ariaLabel,
    text: code,
    onRun: run,
    onChange: changed,
  });
  shown.remove();
  if (caret !== false) editor.focus(caret);
  return { editor, withGuards, scripts };
}

// until then the page has the text, as the editor will show it, and takes what is typed
if (code !== examples.counter.text) {
  element('code').textContent = code;
  load();
}
element('code').onfocus = load;
element('code').oninput = ({ target }) =>
  changed(target.textContent.replace(/\n$/, '')); // each line ends, the last one too

// ---------- examples and links ----------

element('example').append(
  ...Object.entries(examples).map(
    ([name, { title }]) => new Option(title, name),
  ),
);
element('example').onchange = async ({ target }) => {
  hint = '';
  chosen.value = target.value;
  delete link.code;
  delete sessionState.code;
  code = examples[target.value].text;
  empty();
  const { editor } = await load();
  editor.replace(code);
};
chosen.subscribe((name) => {
  element('example').value = name;
});

element('share').onclick = async () => {
  link.code = await pack(code);
  link.flush();
  await navigator.clipboard.writeText(location.href).then(
    () => status('Copied: the whole code is in the link.'),
    () => status('The address bar has the link.'),
  );
};

// ---------- what it stored ----------

let held = nothing();
let search = '';
let hours = 0;
let frame;

const areas = {
  session: 'sessionStorage',
  local: 'localStorage',
  cookie: 'document.cookie',
  cache: 'cache',
};
const short = (text) =>
  text.length > 300
    ? `${text.slice(0, 300)} … (${text.length.toLocaleString('en')} characters)`
    : text;

function showHeld() {
  const rows = Object.entries(areas).flatMap(([area, name]) =>
    Object.entries(held[area]).map(([key, text]) =>
      area === 'cache'
        ? [
            name,
            decodeURIComponent(key),
            String(JSON.stringify(text.value)),
          ]
        : [name, key, text],
    ),
  );
  for (const [key, text] of new URLSearchParams(search))
    rows.push(['address', key, text]);
  element('held').replaceChildren(
    ...(rows.length ? rows : [['–', 'Nothing yet', '']]).map((cells) => {
      const row = document.createElement('tr');
      for (const cell of cells)
        row.insertCell().textContent = short(cell);
      return row;
    }),
  );
}

function showClock() {
  element('clock').textContent = hours
    ? `The clock is ${hours} ${hours === 1 ? 'hour' : 'hours'} ahead.`
    : 'The clock is right.';
}

function nothing() {
  return { session: {}, local: {}, cookie: {}, cache: {} };
}

function empty() {
  held = nothing();
  search = '';
  hours = 0;
  showClock();
  run();
}

// ---------- the frame ----------

function stop(text) {
  frame?.remove();
  frame = undefined;
  status(text);
}

function run() {
  seen.disconnect();
  stop('');
  element('lines').replaceChildren();
  showHeld();
  frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts allow-forms allow-modals';
  frame.src = `run.html${search}`;
  frame.title = 'Result';
  element('result').replaceChildren(frame);
}

async function begin(target) {
  const { scripts, withGuards } = await load();
  if (target !== frame?.contentWindow) return; // stopped, or run again
  post({
    scripts,
    html: withGuards(code),
    held,
    trouble: element('trouble').value,
    theme: context.theme.type,
    ahead: ahead(),
  });
}

const post = (message) => frame?.contentWindow.postMessage(message, '*'); // its own origin has no name
const ahead = () => hours * 3_600_000;

addEventListener('message', ({ source, data }) => {
  if (!frame || source !== frame.contentWindow) return;
  if (data.isReady) begin(source);
  if (data.isRunning) status(`${hint}It runs.`);
  if (data.area in held) {
    const { area, key, text } = data;
    if (text === undefined) delete held[area][key];
    else held[area][key] = text;
    showHeld();
  }
  if (typeof data.search === 'string') {
    search = data.search;
    showHeld();
  }
  if (data.line !== undefined) {
    const item = document.createElement('li');
    item.className = data.level;
    item.textContent = data.line;
    element('lines').append(item);
  }
});

element('run').onclick = run;
element('stop').onclick = () => stop('Stopped.');
element('empty').onclick = empty;
element('trouble').onchange = run;
element('later').onclick = () => {
  hours += 1;
  showClock();
  post({ ahead: ahead() });
};
context.subscribe('theme', ({ type }) => post({ theme: type }));

// The code runs when its result comes into sight: at once on a wide screen; a little later on a phone, which has the result
// below the code and takes longer for all this.
const seen = new IntersectionObserver(
  async ([{ isIntersecting }]) => {
    if (isIntersecting) {
      run();
      await load();
    }
    document.documentElement.dataset.ready = 'true';
  },
  { rootMargin: '20%' },
);
status(`${hint}It runs when its result is in sight.`);
showHeld();
seen.observe(element('result'));
