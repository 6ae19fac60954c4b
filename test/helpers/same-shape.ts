/** What differs between a value and a copy that should be its equal, with cycles and shared references at the same places. */
export function differences(a: unknown, b: unknown): string[] {
  const found: string[] = [];
  const partners = new Map<object, object>();
  const backwards = new Map<object, object>();
  const compare = (x: any, y: any, at: string): void => {
    if (typeof x !== 'object' || x === null || typeof y !== 'object' || y === null) {
      if (!Object.is(x, y)) found.push(`${at}: other value`);
      return;
    }
    if (x === y) found.push(`${at}: the same object`);
    if (partners.has(x) || backwards.has(y)) {
      if (partners.get(x) !== y || backwards.get(y) !== x) found.push(`${at}: other reference`);
      return;
    }
    partners.set(x, y);
    backwards.set(y, x);
    const kind = Object.prototype.toString.call(x);
    if (kind !== Object.prototype.toString.call(y)) {
      found.push(`${at}: ${kind} became ${Object.prototype.toString.call(y)}`);
      return;
    }
    const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(x));
    if (Object.getPrototypeOf(y) !== (isPlain ? Object.prototype : Object.getPrototypeOf(x)))
      found.push(`${at}: other prototype`);
    if (Object.isFrozen(y) && !ArrayBuffer.isView(y) && Reflect.ownKeys(y).length > 0) found.push(`${at}: frozen`);
    if (ArrayBuffer.isView(x)) {
      const bytes = (view: ArrayBufferView) =>
        Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).join();
      if (bytes(x) !== bytes(y)) found.push(`${at}: other bytes`);
      if (x.buffer === y.buffer) found.push(`${at}: the same buffer`);
    } else if (x instanceof ArrayBuffer) {
      compare(new Uint8Array(x), new Uint8Array(y), `${at}.bytes`);
    } else if (x instanceof Map) {
      const [left, right] = [[...x], [...y]];
      if (left.length !== right.length) found.push(`${at}: other size`);
      else
        left.forEach(([key, value], i) => {
          compare(key, right[i]![0], `${at}.key${i}`);
          compare(value, right[i]![1], `${at}.value${i}`);
        });
    } else if (x instanceof Set) {
      const [left, right] = [[...x], [...y]];
      if (left.length !== right.length) found.push(`${at}: other size`);
      else for (const [i, value] of left.entries()) compare(value, right[i], `${at}.item${i}`);
    } else if (x instanceof Date) {
      if (!Object.is(x.getTime(), y.getTime())) found.push(`${at}: other time`);
    } else if (x instanceof RegExp) {
      if (String(x) !== String(y)) found.push(`${at}: other pattern`);
    } else if (x instanceof Error) {
      for (const field of ['name', 'message', 'stack', 'cause', 'errors'])
        if (field in x || field in y) compare((x as any)[field], y[field], `${at}.${field}`);
    } else if (x instanceof URL || x instanceof URLSearchParams || kind.startsWith('[object Temporal')) {
      if (String(x) !== String(y)) found.push(`${at}: other text`);
    } else if (/ (?:Number|String|Boolean|BigInt)\]$/.test(kind)) {
      if (!Object.is(x.valueOf(), y.valueOf())) found.push(`${at}: other value`);
    } else {
      if (Array.isArray(x) && x.length !== y.length) found.push(`${at}: other length`);
      const names = Object.keys(x);
      if (
        names.join() !==
        Reflect.ownKeys(y)
          .filter((name) => name !== 'length')
          .map(String)
          .join()
      )
        found.push(`${at}: other keys`);
      else for (const name of names) compare(x[name], y[name], `${at}.${name}`);
    }
  };
  compare(a, b, '');
  return found;
}
