// The pages forbid texts where scripts are loaded (require-trusted-types-for): one policy, own addresses only.
const policy = globalThis.trustedTypes?.createPolicy('tabstate-demo', {
  createScriptURL(url) {
    if (new URL(url).origin !== location.origin)
      throw new TypeError('Only scripts of this page are loaded.');
    return url;
  },
});

/** The address of a script beside `base`, as `new Worker` takes it. */
export function scriptUrl(path, base) {
  const { href } = new URL(path, base);
  return policy ? policy.createScriptURL(href) : href;
}
