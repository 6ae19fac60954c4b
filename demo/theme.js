// The theme button of every page. In the head and without defer: the choice is there before the first paint.
{
  const { context, sessionState } = tabstate;
  const page = document.documentElement;
  const show = () => {
    if (sessionState.theme) page.dataset.theme = sessionState.theme;
    const button = document.querySelector('#theme');
    if (!button) return;
    const dark = context.theme.type === 'dark';
    button.textContent = dark ? 'Light' : 'Dark';
    button.ariaLabel = `Switch to the ${dark ? 'light' : 'dark'} theme`;
  };
  show();
  sessionState.subscribe('theme', show);
  document.addEventListener('DOMContentLoaded', () => {
    show();
    context.subscribe('theme', show);
    document.querySelector('#theme')?.addEventListener('click', () => {
      sessionState.theme =
        context.theme.type === 'dark' ? 'light' : 'dark';
    });
  });
}
