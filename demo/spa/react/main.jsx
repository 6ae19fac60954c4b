// #region app
import { useStore } from '@nanostores/react';
import { createRoot } from 'react-dom/client';
import { cacheData, context, param, queryParams, sessionState } from 'tabstate';

const tasks = sessionState.ref('tasks', [
  { text: 'Open this list in another framework', done: false },
]);
const only = queryParams.ref('only', param.oneOf(['all', 'open']).withDefault('all'));
const theme = context.ref('theme');
const rainyDays = cacheData(
  async function rainyDays(url) {
    const rows = (await (await fetch(url)).text()).split('\n');
    return rows.filter((row) => row.endsWith('rain')).length;
  },
  { name: 'rainy days', ttl: '1h' },
);
const rain = rainyDays.ref(new URL('../data/seattle-weather.csv', document.baseURI).href);

function App() {
  const list = useStore(tasks);
  const filter = useStore(only);
  const { status, value } = useStore(rain);
  const add = (event) => {
    event.preventDefault();
    const field = event.target.elements.text;
    if (field.value) tasks.value.push({ text: field.value, done: false });
    field.value = '';
  };
  const toggle = (index) => {
    tasks.value[index].done = !tasks.value[index].done; // in place: stored and shown
  };
  return (
    <>
      <section className="card" aria-labelledby="tasks">
        <header>
          <h2 id="tasks">Tasks</h2>
          <label>
            <input
              type="checkbox"
              checked={filter === 'open'}
              onChange={(event) => only.set(event.target.checked ? 'open' : 'all')}
            />{' '}
            open only
          </label>
        </header>
        <form className="buttons" onSubmit={add}>
          <label htmlFor="text">New</label>
          <input id="text" name="text" className="grow" autoComplete="off" />
          <button type="submit" className="primary">
            Add
          </button>
        </form>
        <ul className="tasks">
          {list.map(({ text, done }, index) =>
            filter === 'open' && done ? null : (
              // biome-ignore lint/suspicious/noArrayIndexKey: tasks are only appended
              <li key={index}>
                <label>
                  <input type="checkbox" checked={done} onChange={() => toggle(index)} />{' '}
                  {text}
                </label>
              </li>
            ),
          )}
        </ul>
      </section>
      <section className="card" aria-labelledby="facts">
        <header>
          <h2 id="facts">And the rest</h2>
        </header>
        <dl className="tiles">
          <div>
            <dt>Open</dt>
            <dd id="open">{list.filter(({ done }) => !done).length}</dd>
          </div>
          <div>
            <dt>Theme</dt>
            <dd>{useStore(theme).type}</dd>
          </div>
          <div>
            <dt>Rainy days in Seattle</dt>
            <dd id="rain">{status === 'success' ? value : status}</dd>
          </div>
        </dl>
      </section>
    </>
  );
}

createRoot(document.getElementById('app')).render(<App />);
// #endregion
