// What every page has: the theme, buttons that copy code, and the search over all pages.

const { context, sessionState } = tabstate;
const themeButton = document.querySelector('#theme');
const showTheme = () => {
  if (sessionState.theme)
    document.documentElement.dataset.theme = sessionState.theme;
  const isDark = context.theme.type === 'dark';
  themeButton.textContent = isDark ? 'Light' : 'Dark';
  themeButton.ariaLabel = `Switch to the ${isDark ? 'light' : 'dark'} theme`;
};
showTheme();
sessionState.subscribe('theme', showTheme);
context.subscribe('theme', showTheme);
themeButton.onclick = () => {
  sessionState.theme = context.theme.type === 'dark' ? 'light' : 'dark';
};

for (const button of document.querySelectorAll('.copy')) {
  button.hidden = false;
  button.onclick = async () => {
    const { textContent } = button.parentElement.querySelector('pre');
    await navigator.clipboard.writeText(textContent).then(
      () => (button.textContent = 'Copied'),
      () =>
        getSelection().selectAllChildren(
          button.parentElement.querySelector('pre'),
        ), // refused: ready for Ctrl+C
    );
    setTimeout(() => (button.textContent = 'Copy'), 2000);
  };
}

// the contents of a book come folded, so that nothing moves on a phone; on a wide screen the style shows them before this
const contents = document.querySelector('.contents');
if (contents) contents.open = matchMedia('(min-width: 64rem)').matches;

const open = document.querySelector('#search-open');
let dialog;
let search;

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** The index is loaded when somebody wants to search. */
async function load(base) {
  const [{ searchIn }, index] = await Promise.all([
    import('./lib/search.js'),
    fetch(`${base}search.json`).then((response) => response.text()),
  ]);
  search = searchIn(index);
}

async function openSearch() {
  const { base } = open.dataset;
  if (!dialog) {
    const list = make('ul', { id: 'results' });
    const state = make('p', { className: 'note', role: 'status' });
    const field = make('input', {
      type: 'search',
      ariaLabel: 'Search all pages',
      placeholder: 'Search all pages',
      autocomplete: 'off',
      oninput: () => show(field.value.trim(), list, state, base),
    });
    const close = make('button', {
      type: 'button',
      textContent: 'Close',
      onclick: () => dialog.close(),
    });
    dialog = make(
      'dialog',
      { id: 'search', ariaLabel: 'Search' },
      make('div', { className: 'row' }, field, close),
      state,
      list,
    );
    dialog.onclick = ({ target }) => {
      if (target === dialog || target.closest('a')) dialog.close();
    };
    document.body.append(dialog);
    dialog.showModal();
    try {
      await load(base);
    } catch (error) {
      state.textContent = `The search could not be loaded: ${error.message}`;
      return;
    }
    show(field.value.trim(), list, state, base);
  } else {
    dialog.showModal();
    dialog.querySelector('input').select();
  }
}

function show(words, list, state, base) {
  if (!search) return;
  const found = words ? search(words) : [];
  state.textContent = words
    ? found.length
      ? ''
      : `Nothing about “${words}”.`
    : 'Names, options, codes of warnings, questions.';
  list.replaceChildren(
    ...found.map(({ href, page, title, start }) =>
      make(
        'li',
        {},
        make(
          'a',
          { href: base + href },
          make('small', { textContent: page }),
          make('strong', { textContent: title }),
          make('span', { textContent: start }),
        ),
      ),
    ),
  );
}

open.onclick = openSearch;
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest(
    'input, textarea, select, [contenteditable]',
  );
  const isWanted =
    (event.key === '/' && !isTyping) ||
    (event.key === 'k' && (event.ctrlKey || event.metaKey));
  if (!isWanted || dialog?.open) return;
  event.preventDefault();
  openSearch();
});
