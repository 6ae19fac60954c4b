/** What every page of the demo declares in a `<meta>` and the demo's server repeats as a header. */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "require-trusted-types-for 'script'",
].join('; ');
