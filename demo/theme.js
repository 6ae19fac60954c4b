// In the head and without defer: the theme that this tab has chosen is there before the first paint. It is read from where
// sessionState keeps it, because the library comes later; site.js has the button.
try {
  const { json } = JSON.parse(
    sessionStorage.getItem('tabstate:theme') ?? '{}',
  );
  if (json) document.documentElement.dataset.theme = json;
} catch {
  // storage is denied: the theme of the system
}
