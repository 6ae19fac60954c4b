const sources = {
  page: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'",
  // a sandboxed frame has no origin: in WebKit 'self' means nothing there
  sandboxed: 'default-src http: https:',
};

/** What a page of the demo declares in a `<meta>` and the demo's server repeats as a header. `name`: the page's path. */
export const policyOf = (name) =>
  `${/(^|\/)blocked\.html$/.test(name) ? sources.sandboxed : sources.page}; require-trusted-types-for 'script'`;
