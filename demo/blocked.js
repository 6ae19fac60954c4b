const show = (id, text) => {
  document.getElementById(id).textContent = text;
};
const state = tabstate.createSessionState({
  prefix: 'blocked:',
  onWarning({ code, message }) {
    const item = document.createElement('li');
    item.textContent = `${code}: ${message}`;
    document.getElementById('warnings').append(item);
  },
});

state.count ??= 0;
document.getElementById('more').onclick = () => {
  state.count += 1;
};
state.ref('count').subscribe((count) => {
  show('count', count);
  parent.postMessage({ count }, '*'); // its own origin has no name
});
document.documentElement.dataset.ready = 'true';
