// #region app
import { useStore } from '@nanostores/react';
import { createRoot } from 'react-dom/client';
import { cacheData, context, param, queryParams, sessionState } from 'tabstate';

const tasks = sessionState.ref('tasks', [{ text: 'Open this list in another framework', done: false }]);
const only = queryParams.ref('only', param.oneOf(['all', 'open']).withDefault('all'));
const theme = context.ref('theme');
const rainyDays = cacheData(
  async function rainyDays(url) {
    return (await (await fetch(url)).text()).match(/rain$/gm).length;
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
  const shown = list.map((task, index) => ({ ...task, index })).filter(({ done }) => filter === 'all' || !done);
  return (
    <>
      <section className="card" aria-labelledby="tasks">
        <header>
          <h2 id="tasks">Tasks</h2>
          <Check
            on={filter === 'open'}
            change={(event) => only.set(event.target.checked ? 'open' : 'all')}
            text="open only"
          />
        </header>
        <form className="buttons" onSubmit={add}>
          <label htmlFor="text">New</label>
          <input id="text" name="text" className="grow" autoComplete="off" />
          <button type="submit" className="primary">
            Add
          </button>
        </form>
        <ul className="tasks">
          {shown.map(({ text, done, index }) => (
            <li key={index}>
              <Check on={done} change={() => (tasks.value[index].done = !done)} text={text} />
            </li>
          ))}
        </ul>
      </section>
      <section className="card" aria-labelledby="facts">
        <h2 id="facts">And the rest</h2>
        <dl className="tiles">
          <Tile id="open" name="Open" value={list.filter(({ done }) => !done).length} />
          <Tile id="kind" name="Theme" value={useStore(theme).type} />
          <Tile id="rain" name="Rainy days in Seattle" value={status === 'success' ? value : status} />
        </dl>
      </section>
    </>
  );
}

const Check = ({ on, change, text }) => (
  <label>
    <input type="checkbox" checked={on} onChange={change} /> {text}
  </label>
);
const Tile = ({ id, name, value }) => (
  <div>
    <dt>{name}</dt>
    <dd id={id}>{value}</dd>
  </div>
);

createRoot(document.getElementById('app')).render(<App />);
// #endregion
