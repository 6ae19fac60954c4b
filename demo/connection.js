// The page about connection(): an SQL database in the page, and queries whose results are kept.
import { openSqlite } from './connection/sqlite.js';

const { cacheData, cacheResource, connection } = tabstate;
const element = (id) => document.getElementById(id);
const show = (id, text) => {
  element(id).textContent = text;
};
let opened = 0;
let asked = 0;

// #region database
const openDatabase = cacheResource(
  async function openDatabase() {
    opened += 1;
    const rows = await weatherRows();
    const database = openSqlite(); // a worker: the page stays quick
    await database.run(
      'CREATE TABLE weather (date, precipitation REAL, temp_max REAL, temp_min REAL, wind REAL, weather)',
    );
    await database.run(
      `INSERT INTO weather SELECT value ->> 0, value ->> 1, value ->> 2,
       value ->> 3, value ->> 4, value ->> 5 FROM json_each(?)`,
      [JSON.stringify(rows)],
    );
    return database;
  },
  { onRelease: (database) => database.close() },
);

element('insert').onclick = async () => {
  const database = await openDatabase(); // the one that Count has, too
  await database.run(
    `INSERT INTO weather VALUES ('2016-01-01', 0, 7.5, 1.2, 3.1, 'sun')`,
  );
  show(
    'database-status',
    'Inserted. Count sees it: it is the same database.',
  );
};
element('count').onclick = async () => {
  const database = await openDatabase();
  const [{ rows }] = await database.run(
    `SELECT format('%,d', count(*)) AS rows FROM weather`,
  );
  showRows(rows);
};
element('release').onclick = () => openDatabase.clear();
// #endregion

async function weatherRows() {
  const text = await (await fetch('data/seattle-weather.csv')).text();
  // the first line has the names; no field has quotes
  const [, ...lines] = text.trim().split('\n');
  return lines.map((line) => line.split(','));
}

function showRows(rows) {
  show('opened', opened);
  show('rows', rows);
  show('database-status', `${rows} rows.`);
}
element('release').addEventListener('click', () => {
  weather.reset(); // its instance is the one that was closed
  show('rows', '–');
  show(
    'database-status',
    'Closed. The next call opens a new one, without the inserted rows.',
  );
});

// #region query
const weather = connection('weather', {
  connect: () => openDatabase(),
  query(database, text, params) {
    asked += 1;
    return database.run(text, params);
  },
});

async function ask(text, year) {
  return await weather.query(text, { params: [year], ttl: 10 });
}
element('forget').onclick = () => weather.reset();
// #endregion

element('ask').onsubmit = async (event) => {
  event.preventDefault();
  await answer();
};

async function answer() {
  const before = asked;
  const start = performance.now();
  // a query that fails is tried three times, a second apart
  const waiting = setTimeout(() => show('query-status', 'Asking…'), 200);
  try {
    const rows = await ask(element('sql').value, element('year').value);
    show('took', `${(performance.now() - start).toFixed(1)} ms`);
    show('opened', opened);
    const fresh = asked > before;
    show(
      'query-status',
      (rows.length ? '' : 'No rows. ') +
        (fresh
          ? 'Asked the database; kept for ten seconds.'
          : 'Kept from a call less than ten seconds ago.'),
    );
    const line = (name, cells) => {
      const row = document.createElement('tr');
      for (const cell of cells) {
        const at = document.createElement(name);
        if (name === 'th') at.scope = 'col';
        at.textContent = cell;
        row.append(at);
      }
      return row;
    };
    element('answer-head').replaceChildren(
      line('th', Object.keys(rows[0] ?? {})),
    );
    element('answer').replaceChildren(
      ...rows.slice(0, 20).map((row) => line('td', Object.values(row))),
    );
  } catch (error) {
    show('took', '–');
    element('answer-head').replaceChildren();
    element('answer').replaceChildren();
    show(
      'query-status',
      `The database refused, three times: ${error.message}`,
    );
  } finally {
    clearTimeout(waiting);
    show('asked', asked);
  }
}

{
  // #region list
  const sharedList = cacheResource(() => [1]);
  const copiedList = cacheData(() => [1], {
    name: 'copied list',
    persist: false,
  });

  async function call(caller) {
    const shared = sharedList();
    shared[0] += 1; // everybody's
    const own = await copiedList();
    own[0] += 1; // the caller's own
    addRow(caller, shared[0], own[0]);
  }
  // #endregion

  function addRow(...cells) {
    const row = document.createElement('tr');
    cells.forEach((cell, i) => {
      const at = document.createElement(i ? 'td' : 'th');
      if (i) at.className = 'number';
      else at.scope = 'row';
      at.textContent = cell;
      row.append(at);
    });
    element('calls').append(row);
  }
  element('a').onclick = () => call('A');
  element('b').onclick = () => call('B');
  element('start').onclick = () => {
    sharedList.clear();
    element('calls').replaceChildren();
  };
  for (const caller of ['A', 'B', 'A']) await call(caller);
}

await element('count').onclick();
await answer();
document.documentElement.dataset.ready = 'true';
