// The tour: what each of its live examples does.
import { chart } from './flights/charts.js';
import { parseCsv } from './flights/csv.js';

const {
  bind,
  cacheData,
  cacheResource,
  context,
  param,
  queryParams,
  removeCookie,
  sessionState,
  setCookie,
} = tabstate;
const element = (id) => document.getElementById(id);

element('reload').onclick = () => location.reload();
element('duplicate').onclick = () => window.open(location.href, '_blank');

// #region counter
sessionState.count ??= 0;

element('more').onclick = () => {
  sessionState.count += 1;
};
element('forget').onclick = () => {
  sessionState.count = 0;
};
sessionState.ref('count').subscribe((count) => {
  element('count').textContent = count;
});
// #endregion

{
  const randomPoints = () => {
    const xs = Array.from({ length: 200 }, Math.random).sort(
      (a, b) => a - b,
    );
    return [xs, xs.map((x) => 0.7 * x + 0.3 * Math.random())];
  };
  const plot = chart(element('points-plot'), (colour) => ({
    padding: [10, 10, 0, 0],
    scales: {
      x: { time: false, range: [0, 1] },
      y: { range: [0, 1] },
    },
    axes: [
      {
        stroke: colour.muted,
        size: 30,
        grid: { stroke: colour['plot-grid'] },
        ticks: { show: false },
      },
      {
        stroke: colour.muted,
        size: 40,
        grid: { stroke: colour['plot-grid'] },
        ticks: { show: false },
      },
    ],
    series: [
      {},
      {
        paths: () => null,
        points: {
          show: true,
          size: 8,
          width: 0,
          fill: () => sessionState.colour,
        },
      },
    ],
    cursor: { show: false },
  }));
  const draw = () =>
    plot.show(sessionState.points, 'Scatter plot of 200 random points');

  // #region colour
  sessionState.points ??= randomPoints();
  bind(sessionState, '#colour'); // data-key="colour"

  element('new-points').onclick = () => {
    sessionState.points = randomPoints();
  };
  sessionState.subscribe('colour', draw);
  sessionState.subscribe('points', draw);
  draw();
  // #endregion
}

// #region degrees
bind(sessionState, '[data-key=celsius]', {
  onChange: (celsius) => {
    sessionState.fahrenheit = Math.round(celsius * 1.8 + 32);
  },
});
bind(sessionState, '[data-key=fahrenheit]', {
  onChange: (fahrenheit) => {
    sessionState.celsius = Math.round((fahrenheit - 32) / 1.8);
  },
});
// #endregion

// #region form
bind(sessionState, '#order', {
  onSubmit: () => {
    const { name, drink, cups, sugar } = sessionState;
    const what = `${cups} × ${drink}${sugar ? ' with sugar' : ''}`;
    sessionState.ordered = `${what} for ${name || 'nobody'}.`;
  },
});
sessionState.ref('ordered', '').subscribe((text) => {
  element('ordered').textContent = text;
});
// #endregion

{
  // #region link
  const search = queryParams.define({
    q: '',
    sort: param.oneOf(['name', 'price']).withDefault('name'),
    page: 1,
  });
  bind(queryParams, '#q, #sort');

  // a new page is a step that Back undoes
  element('next').onclick = () =>
    search.update({ page: search.page + 1 }, { history: 'push' });
  element('previous').onclick = () =>
    search.update(
      { page: Math.max(1, search.page - 1) },
      { history: 'push' },
    );
  element('share').onclick = () => copy(queryParams.href({}));

  queryParams.subscribe(showAddress);
  // #endregion

  showAddress();
  function showAddress() {
    element('page-number').textContent = search.page;
    const query = queryParams.toString();
    element('address').textContent = query
      ? `?${query}`
      : 'no parameters';
  }
  async function copy(link) {
    try {
      await navigator.clipboard.writeText(link);
      element('share-note').textContent = 'The link is in the clipboard.';
    } catch {
      // the browser wants a permission: the link can still be copied by hand
      element('share-note').textContent = link;
    }
  }
}

{
  // #region context
  const facts = () => ({
    locale: context.locale,
    timezone: context.timezone,
    'theme.type': context.theme.type,
    url: context.url,
    isEmbedded: context.isEmbedded,
    "headers['X-User']": context.headers['X-User'],
    'cookies.visitor': context.cookies.visitor,
  });
  for (const name of ['cookies', 'theme', 'locale', 'timezone', 'url'])
    context.subscribe(name, show);

  element('bake').onclick = () =>
    setCookie('visitor', 'likes tea', { expires: 1 });
  element('eat').onclick = () => removeCookie('visitor');
  // #endregion

  show();
  function show() {
    const rows = Object.entries(facts()).map(([name, value]) => {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      const cell = document.createElement('td');
      head.scope = 'row';
      head.textContent = name;
      cell.textContent = value ?? '–';
      row.append(head, cell);
      return row;
    });
    element('facts').replaceChildren(...rows);
  }
}

{
  let runs = 0;
  // #region data
  const monthlyWeather = cacheData(
    async function monthlyWeather(address) {
      runs += 1;
      const rows = parseCsv(await (await fetch(address)).text());
      return Array.from({ length: 48 }, (_, i) => {
        const month = `${2012 + Math.floor(i / 12)}-${`${(i % 12) + 1}`.padStart(2, '0')}`;
        const days = rows.filter(({ date }) => date.startsWith(month));
        const mean = (column) =>
          days.reduce((sum, day) => sum + Number(day[column]), 0) /
          days.length;
        return {
          month,
          high: mean('temp_max'),
          low: mean('temp_min'),
        };
      });
    },
    { name: 'weather', ttl: '10m' },
  );
  // #endregion

  const month = new Intl.DateTimeFormat('en', {
    month: 'short',
    year: '2-digit',
    timeZone: 'UTC',
  });
  const plot = chart(element('weather-plot'), (colour) => ({
    padding: [10, 10, 0, 0],
    axes: [
      {
        stroke: colour.muted,
        size: 30,
        grid: { show: false },
        ticks: { show: false },
        values: (_plot, marks) =>
          marks.map((mark) => month.format(mark * 1000)),
      },
      {
        stroke: colour.muted,
        size: 50,
        grid: { stroke: colour['plot-grid'] },
        ticks: { show: false },
        values: (_plot, marks) => marks.map((mark) => `${mark} °C`),
      },
    ],
    series: [
      {},
      {
        stroke: colour['plot-2'],
        width: 2,
        points: { show: false },
      },
      {
        stroke: colour['plot-1'],
        width: 2,
        points: { show: false },
      },
    ],
    cursor: { show: false },
  }));
  const call = async () => {
    const start = performance.now();
    const months = await monthlyWeather('data/seattle-weather.csv');
    element('weather-time').textContent =
      `${(performance.now() - start).toFixed(1)} ms`;
    element('weather-runs').textContent = runs;
    plot.show(
      [
        months.map(({ month }) => Date.parse(month) / 1000),
        months.map(({ high }) => high),
        months.map(({ low }) => low),
      ],
      `Monthly mean of the daily highest and lowest temperature in Seattle, 2012 to 2015: from ${Math.min(
        ...months.map(({ low }) => low),
      ).toFixed(
        1,
      )} to ${Math.max(...months.map(({ high }) => high)).toFixed(1)} degrees Celsius.`,
    );
  };
  element('weather-again').onclick = call;
  element('weather-clear').onclick = async () => {
    await monthlyWeather.clear();
    element('weather-time').textContent = 'cleared';
  };
  await call();
}

{
  let opened = 0;
  // #region resource
  const channel = cacheResource(
    function channel(name) {
      opened += 1;
      const tabs = new BroadcastChannel(name);
      tabs.onmessage = ({ data }) => say(`Another tab says: ${data}`);
      return tabs;
    },
    { onRelease: (tabs) => tabs.close() },
  );

  element('hello').onclick = () => {
    channel('tour').postMessage(
      `hello at ${new Date().toLocaleTimeString('en')}`,
    );
    say(`Sent. Channels opened on this page: ${opened}.`);
  };
  element('close').onclick = () => {
    channel.clear(); // calls onRelease
    say('Closed. The next call opens a new one.');
  };
  // #endregion

  channel('tour');
  function say(text) {
    element('heard').textContent = text;
  }
  say(`Listening. Channels opened on this page: ${opened}.`);
}

document.documentElement.dataset.ready = 'true';
