// The playground: editor, examples, the frame that runs them, and what they store.
import { createEditor, withGuards } from './lib/editor.js';
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

const editor = createEditor({
  host: element('editor'),
  label: 'Code: an HTML page',
  onRun: run,
  onChange(text) {
    hint = '';
    sessionState.code = text;
    delete link.code;
  },
});

element('example').append(
  ...Object.entries(examples).map(
    ([name, { title }]) => new Option(title, name),
  ),
);
element('example').onchange = ({ target }) => {
  hint = '';
  chosen.value = target.value;
  delete link.code;
  delete sessionState.code;
  editor.text = examples[target.value].text;
  empty();
};
chosen.subscribe((name) => {
  element('example').value = name;
});

element('share').onclick = async () => {
  link.code = await pack(editor.text);
  link.flush();
  await navigator.clipboard.writeText(location.href).then(
    () => status('Copied: the whole code is in the link.'),
    () => status('The address bar has the link.'),
  );
};

// ---------- what it stored ----------

let held;
let search;
let hours;
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

function empty() {
  held = { session: {}, local: {}, cookie: {}, cache: {} };
  search = '';
  hours = 0;
  showClock();
  run();
}

// ---------- the frame ----------

const scripts = await Promise.all(
  ['lib/tabstate.min.js', 'run.js'].map(async (name) =>
    (await fetch(name)).text(),
  ),
);

function stop(text) {
  frame?.remove();
  frame = undefined;
  status(text);
}

function run() {
  stop('');
  element('lines').replaceChildren();
  showHeld();
  frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts allow-forms allow-modals';
  frame.src = `run.html${search}`;
  frame.title = 'Result';
  element('result').replaceChildren(frame);
}

const post = (message) => frame?.contentWindow.postMessage(message, '*'); // its own origin has no name
const ahead = () => hours * 3_600_000;

addEventListener('message', ({ source, data }) => {
  if (!frame || source !== frame.contentWindow) return;
  if (data.isReady)
    post({
      scripts,
      html: withGuards(editor.text),
      held,
      trouble: element('trouble').value,
      theme: context.theme.type,
      ahead: ahead(),
    });
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

editor.text =
  (await shared()) ?? sessionState.code ?? examples[chosen.value].text;
empty();
document.documentElement.dataset.ready = 'true';
