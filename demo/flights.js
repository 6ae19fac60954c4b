// The flights page: three million rows from cacheData, filtered in a worker, its filters in the URL.
import { bars, lateness, map, pointClass } from './flights/charts.js';
import { DELAY_FROM, DELAY_STEP } from './flights/columns.js';
import { startWorker } from './flights/start-worker.js';

const {
  bind,
  cacheData,
  cacheResource,
  param,
  queryParams,
  sessionState,
} = tabstate;
const element = (id) => document.getElementById(id);
const runs = { columns: 0, summaries: 0 };

// #region cache
// one worker for this page: a live thing is a resource
const worker = cacheResource(() => startWorker(), {
  onRelease: (it) => it.stop(),
});

// three million rows: once for all tabs and reloads of this origin
const loadFlights = cacheData(
  async function loadFlights(file) {
    runs.columns += 1;
    return worker().decode(file, showProgress);
  },
  { name: 'flights', version: 3, key: ({ name }) => name },
);

// the filters count as arguments; the last 200 combinations are kept
const summarise = cacheData(
  async function summarise(filters) {
    runs.summaries += 1;
    return worker().summarise(filters);
  },
  { name: 'flights-summary', version: 3, maxEntries: 200 },
);

// ?origin=ORD&to=11 – typed, shareable, defaults left out
const filters = queryParams.define({
  origin: '',
  from: 0,
  to: 23,
  distance: 5000,
  days: param.oneOf(['all', 'weekdays', 'weekend']).withDefault('all'),
});
// #endregion

const file = {
  name: 'flights-3m.parquet',
  url: new URL('data/flights-3m.parquet', document.baseURI).href,
  airports: new URL('data/airports.csv', document.baseURI).href,
};

const number = new Intl.NumberFormat('en');
const decimal = new Intl.NumberFormat('en', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const percent = (part, whole) =>
  whole ? `${decimal.format((100 * part) / whole)} %` : '–';
const time = (ms) => {
  if (ms === undefined) return '–';
  if (ms >= 1000) return `${decimal.format(ms / 1000)} s`;
  return `${(ms < 100 ? decimal : number).format(ms < 100 ? ms : Math.round(ms))} ms`;
};

// ---------- loading, and its three times ----------

/** Milliseconds of this tab's first run, later run and run after a reload; they survive the reload themselves. */
const times = sessionState.ref('flight times', {});
const [{ type: navigation } = {}] =
  performance.getEntriesByType('navigation');
const otherVisit = 'New tab or visit';
let fromDisk = 'After reload';
const timesPlot = bars(element('times-plot'), {
  name: (i) => ['First run', 'Later run', fromDisk][i] ?? '',
  amount: (ms) =>
    ms < 1000 ? `${ms} ms` : `${number.format(ms / 1000)} s`,
  marks: [1, 10, 100, 1000, 10_000, 100_000],
  every: [1],
  width: 0.5,
  // milliseconds beside seconds: on a linear scale two of three bars would be lines
  y: { distr: 3, log: 10, range: () => [1, 100_000] },
});
times.subscribe(({ first, later, reload, how = 'After reload' }) => {
  fromDisk = how;
  element('reload-name').textContent = how;
  element('time-first').textContent = time(first);
  element('time-later').textContent = time(later);
  element('time-reload').textContent = time(reload);
  const label = `First run ${time(first)}, later run ${time(later)}, ${how.toLowerCase()} ${time(reload)}.`;
  timesPlot.show(
    [
      [0, 1, 2],
      [first ?? null, later ?? null, reload ?? null],
    ],
    `Bar chart. ${label}`,
  );
});

let airports = [];
let isLoading = false;
// whether this page has had the columns; peek() would copy them
let inMemory = false;

function showProgress(step, part) {
  element('progress').value = part;
  element('status').textContent = `${step} … ${Math.round(part * 100)} %`;
}

/** Calls the cached function, times it and tells where the columns came from. */
async function load(call = () => loadFlights(file)) {
  isLoading = true;
  buttons();
  const runsBefore = runs.columns;
  const start = performance.now();
  try {
    const columns = await call();
    const took = performance.now() - start;
    const tier =
      runs.columns > runsBefore
        ? 'computed'
        : inMemory
          ? 'memory'
          : 'disk';
    times.set({
      ...times.value,
      [{ computed: 'first', memory: 'later', disk: 'reload' }[tier]]:
        took,
      ...(tier === 'disk' && {
        how: navigation === 'reload' ? 'After reload' : otherVisit,
      }),
    });
    inMemory = true;
    await take(columns, tier, took);
    await outlineIsThere;
    await update();
  } catch (error) {
    showError(error);
  } finally {
    isLoading = false;
    buttons();
  }
}

/** An error of the function reaches its callers: offline, it is the browser's refusal. Nothing of it is kept. */
function showError(error) {
  const how = navigator.onLine
    ? 'It did not work'
    : 'You are offline, and nothing is kept';
  element('status').textContent = `${how}: ${error.message}`;
}

const tiers = {
  computed: 'the function',
  memory: 'memory',
  disk: 'IndexedDB',
};

async function take(columns, tier, took) {
  const rows = columns.delay.length;
  airports = columns.airports;
  // this page's copy is its own: its buffers may move into the worker
  await worker().keep(columns);
  element('progress').value = 1;
  element('runs').textContent = runs.columns;
  element('tier').textContent = tiers[tier];
  element('tier').dataset.tier = tier;
  element('status').textContent =
    `${number.format(rows)} flights in ${time(took)}.`;
  bindFilters();
  const { bytes, oldest } = await loadFlights.info();
  element('size').textContent = `${decimal.format(bytes / 1e6)} MB`;
  element('since').textContent = oldest
    ? new Date(oldest).toLocaleTimeString('en')
    : '–';
}

function buttons() {
  for (const id of ['again', 'refresh', 'clear'])
    element(id).disabled = isLoading;
}

element('again').onclick = () => load();
element('refresh').onclick = () => load(() => loadFlights.refresh(file));
element('reload').onclick = () => location.reload();
element('second').onclick = () => window.open(location.href, '_blank');
element('clear').onclick = async () => {
  await Promise.all([loadFlights.clear(), summarise.clear()]);
};
loadFlights.subscribe(({ type, tab }) => {
  if (type !== 'clear') return;
  inMemory = false;
  const who =
    tab === 'other'
      ? 'Another tab cleared the cache'
      : 'Cleared, in memory and on disk';
  element('status').textContent = `${who}: the next call computes again.`;
  element('progress').value = 0;
  for (const id of ['tier', 'since', 'size'])
    element(id).textContent = '–';
});

// ---------- filters ----------

const hour = (n, end = '00') => `${n}:${end}`;

function showFilters({ from, to, distance }) {
  element('from-text').textContent = hour(from);
  element('to-text').textContent = hour(to, '59');
  element('distance-text').textContent =
    `${number.format(distance)} miles`;
}

/** Sliders replace the entry of the history while they move; airports and days are steps that Back undoes. */
function bindFilters() {
  if (!element('origin').disabled) return;
  const select = element('origin');
  for (const { code, city, state } of [...airports].sort((a, b) =>
    a.city < b.city ? -1 : 1,
  ))
    select.append(new Option(`${city}, ${state} (${code})`, code));
  select.disabled = false;
  bind(queryParams, '#filters input[type=range]');
  bind(queryParams, '#filters select, #filters input[type=radio]', {
    history: 'push',
  });
}

element('filters').onsubmit = (event) => event.preventDefault();
element('reset').onclick = () => filters.reset();
element('share').onclick = async () => {
  await navigator.clipboard.writeText(queryParams.href({})).then(
    () =>
      (element('share-note').textContent =
        'The link is in the clipboard.'),
    () =>
      (element('share-note').textContent =
        `The browser refused; the link is ${queryParams.href({})}`),
  );
};

// ---------- summary ----------

const dayName = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});
const monthName = new Intl.DateTimeFormat('en', {
  month: 'short',
  timeZone: 'UTC',
});
const minutes = (bin) => DELAY_FROM + bin * DELAY_STEP;
const day = (i) => Date.UTC(2001, 0, 1 + i) / 1000;
let shown;
let order = [];

const delaysPlot = bars(element('delays-plot'), {
  name: (bin) => (bin === 48 ? '180+' : `${minutes(bin)}`),
  every: [4, 6, 12, 24],
  say: (bin) => {
    element('delays-readout').textContent =
      bin === null || !shown
        ? 'minutes'
        : `${minutes(bin)} to ${minutes(bin + 1)} minutes: ${number.format(shown.delays[bin])} flights`;
  },
});
const readout = (id, part, name, empty) => (i) => {
  const { flights, late } = shown?.[part] ?? {};
  element(id).textContent =
    i === null || !flights
      ? empty
      : `${name(i)}: ${number.format(flights[i])} flights, ${percent(late[i], flights[i])} late`;
};
const hoursPlot = lateness(element('hours-plot'), {
  x: {
    axis: {
      incrs: [2, 3, 4, 6],
      values: (_plot, marks) => marks.map((n) => hour(n)),
    },
  },
  say: readout(
    'hours-readout',
    'hours',
    (i) => hour(i),
    'flights, and share of late ones',
  ),
});
const datesPlot = lateness(element('dates-plot'), {
  x: {
    time: true,
    axis: {
      values: (_plot, marks) =>
        marks.map((mark) => monthName.format(mark * 1000)),
    },
  },
  area: true,
  say: readout(
    'dates-readout',
    'dates',
    (i) => dayName.format(day(i) * 1000),
    'flights, and share of late ones',
  ),
});
const outline = new Path2D();
const outlineIsThere = fetch('data/us-map.json')
  .then((response) => response.json())
  .then(
    ({ states }) => outline.addPath(new Path2D(states)),
    () => {}, // offline: the airports alone show the country
  );
const mapPlot = map(element('map-plot'), {
  outline,
  say(i) {
    const at = order[i]?.index;
    element('map-readout').textContent =
      at === undefined
        ? 'A click picks an airport, a second one lets it go'
        : `${airports[at].city}: ${number.format(shown.perAirport.flights[at])} flights, ${percent(shown.perAirport.late[at], shown.perAirport.flights[at])} late`;
  },
  pick(i) {
    const at = order[i]?.index;
    if (at !== undefined) choose(airports[at].code);
  },
});

/** The chosen airport again: all of them. */
function choose(code) {
  filters.update(
    { origin: filters.origin === code ? '' : code },
    { history: 'push' },
  );
}

function showSummary(summary) {
  shown = summary;
  const {
    flights,
    late,
    minutes: total,
    delays,
    hours,
    dates,
    perAirport,
  } = summary;
  const ranked = airports
    .map((airport, index) => ({
      ...airport,
      flights: perAirport.flights[index],
      late: perAirport.late[index],
    }))
    .filter((airport) => airport.flights)
    .sort((a, b) => b.flights - a.flights);
  element('flights').textContent = number.format(flights);
  element('delay').textContent = flights
    ? `${decimal.format(total / flights)} min`
    : '–';
  element('late').textContent = percent(late, flights);
  element('busiest').textContent =
    (flights && (filters.origin || ranked[0]?.code)) || '–';
  element('summaries').textContent = runs.summaries;
  element('top').replaceChildren(...ranked.slice(0, 10).map(row));

  const indices = (list) => Array.from(list, (_, i) => i);
  const shares = (part) =>
    Array.from(part.flights, (n, i) =>
      n ? (100 * part.late[i]) / n : null,
    );
  delaysPlot.show(
    [indices(delays), [...delays]],
    `Histogram of the delays of ${number.format(flights)} flights.`,
  );
  hoursPlot.show(
    [indices(hours.flights), [...hours.flights], shares(hours)],
    'Flights and share of late ones by hour.',
  );
  datesPlot.show(
    [indices(dates.flights).map(day), [...dates.flights], shares(dates)],
    'Flights and share of late ones by day.',
  );
  order = airports
    .map(({ code, x, y }, index) => ({ index, code, x, y: -y }))
    .sort((a, b) => a.x - b.x);
  const points = Array.from({ length: 17 }, () =>
    new Array(order.length).fill(null),
  );
  order.forEach(({ index, code, y }, i) => {
    const { [index]: n } = perAirport.flights;
    if (n)
      points[
        pointClass(n, ranked[0].flights, perAirport.late[index] / n)
      ][i] = y;
    if (code === filters.origin) points[16][i] = y;
  });
  mapPlot.show(
    [order.map(({ x }) => x), ...points],
    `Map of ${ranked.length} airports; the table names the busiest.`,
  );
}

function row({ code, city, state, flights, late }) {
  const cells = [
    document.createElement('th'),
    document.createElement('td'),
    document.createElement('td'),
  ];
  const pick = document.createElement('button');
  pick.type = 'button';
  pick.className = 'link';
  pick.textContent = `${code} ${city}, ${state}`;
  pick.ariaPressed = String(code === filters.origin);
  pick.onclick = () => choose(code);
  cells[0].scope = 'row';
  cells[0].append(pick);
  cells[1].textContent = number.format(flights);
  cells[2].textContent = percent(late, flights);
  cells[1].className = cells[2].className = 'number';
  const line = document.createElement('tr');
  line.append(...cells);
  return line;
}

/** One summary at a time; while a slider moves, those in between are left out. */
let isCounting = false;
let isOutdated = false;
async function update() {
  isOutdated = true;
  if (isCounting) return;
  isCounting = true;
  try {
    while (isOutdated) {
      isOutdated = false;
      const wanted = filters.toDict();
      showFilters(wanted);
      showSummary(await summarise(wanted));
    }
  } catch (error) {
    showError(error);
  } finally {
    isCounting = false;
  }
}

queryParams.subscribe(() => airports.length && update());
await load();
if (airports.length && times.value.later === undefined) await load();
document.documentElement.dataset.ready = 'true';
