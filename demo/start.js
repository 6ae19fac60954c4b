// #region ten
const { bind, cacheData, sessionState } = tabstate;

// once per tab, kept over reloads
sessionState.clicks ??= 0;
// each data-key, both ways
bind(sessionState, '#stage');

document.querySelector('#more').onclick = () => {
  sessionState.clicks += 1;
};
// once an hour, for all tabs
const rates = cacheData(
  async (name) => (await fetch(`rates/${name}.json`)).json(),
  { name: 'rates', ttl: '1h' },
);
document.querySelector('#rate').onclick = async () => {
  const { EUR } = await rates('USD');
  document.querySelector('#answer').textContent = EUR;
};
// #endregion

document.querySelector('#reload').onclick = () => location.reload();
document.documentElement.dataset.ready = 'true';
