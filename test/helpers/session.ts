// Session states over a storage that can be full, broken or gone.
import { createSessionState, type SessionState, type SessionStateOptions, type Warning } from '../../src/index.js';

let count = 0;

/** The microtasks that follow the running code. */
export const tick = async (): Promise<void> => {
  await Promise.resolve();
  await Promise.resolve();
};

export const task = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A storage in memory that counts its writes and may refuse them. */
export class FakeStorage implements Storage {
  readonly items = new Map<string, string>();
  readonly calls: string[] = [];
  capacity = Number.POSITIVE_INFINITY;
  failure: Error | undefined;
  [name: string]: unknown;

  get length(): number {
    return this.items.size;
  }
  key(i: number): string | null {
    return [...this.items.keys()][i] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, text: string): void {
    this.calls.push(`set ${key}`);
    if (this.failure) throw this.failure;
    let used = key.length + text.length;
    for (const [other, value] of this.items) if (other !== key) used += other.length + value.length;
    if (used > this.capacity) throw new DOMException('no room', 'QuotaExceededError');
    this.items.set(key, text);
  }
  removeItem(key: string): void {
    this.calls.push(`remove ${key}`);
    this.items.delete(key);
  }
  clear(): void {
    this.items.clear();
  }
}

export interface Fresh {
  s: SessionState;
  prefix: string;
  warnings: Warning[];
  codes(): string[];
  /** What stands in storage. */
  text(key: string): string | null;
  put(key: string, text: string): void;
  /** What the next page finds: a state that knows the texts only. */
  again(): SessionState;
}

/** A state of its own prefix. */
export function fresh({
  area = sessionStorage,
  ...options
}: Omit<SessionStateOptions, 'prefix' | 'storage' | 'onWarning'> & { area?: Storage } = {}): Fresh {
  const prefix = `t${count++}:`;
  const warnings: Warning[] = [];
  const onWarning = (warning: Warning): void => void warnings.push(warning);
  const make = (): SessionState => createSessionState({ prefix, storage: () => area, onWarning, ...options });
  const s = make();
  return {
    s,
    prefix,
    warnings,
    codes: () => warnings.map(({ code }) => code),
    text: (key) => area.getItem(prefix + key),
    put: (key, text) => area.setItem(prefix + key, text),
    again() {
      s.flush();
      return make();
    },
  };
}
