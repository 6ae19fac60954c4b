// The Content-Security-Policy of each page.
const page =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; require-trusted-types-for 'script'";
// runs what is typed into the playground, in a sandboxed frame without an origin: in WebKit 'self' means nothing there
const sandboxed = "default-src http: https: blob: data: 'unsafe-inline'";

/** What a page of the demo declares in a `<meta>` and the demo's server repeats as a header. `name`: the page's path. */
export const policyOf = (name) => (/(^|\/)run\.html$/.test(name) ? sandboxed : page);
