/** Trouble that does not reach the caller as an exception. Names, codes and lengths stand in it, never values. */
export interface Warning {
  /** Stable and short; each has a place in the documentation. */
  code: string;
  message: string;
  /** The key or function that it is about. */
  key?: string;
  cause?: unknown;
}

export interface Warner {
  /** Passes the warning on, unless one of the same code and key was passed on already. */
  warn(warning: Warning): void;
  /** The trouble is over: the next warning of this code (and key) is passed on again. */
  reset(code: string, key?: string): void;
}

/** `console.warn`, found late; without DOM lib the console has no type here. */
const toConsole = ({ code, message, cause }: Warning): void => {
  const { console } = globalThis as unknown as { console?: { warn(...parts: unknown[]): void } };
  console?.warn(`[tabstate] ${message} (${code})`, ...(cause === undefined ? [] : [cause]));
};

/**
 * Passes each warning on once per code and key.
 *
 * @param onWarning - default: `console.warn`
 * @param report - gets what `onWarning` throws
 */
export function createWarner(
  onWarning: ((warning: Warning) => void) | undefined,
  report: (error: unknown) => void,
): Warner {
  const told = new Map<string, Set<string | undefined>>();
  return {
    warn(warning) {
      let keys = told.get(warning.code);
      if (!keys) {
        keys = new Set();
        told.set(warning.code, keys);
      }
      if (keys.has(warning.key)) return;
      keys.add(warning.key);
      try {
        (onWarning ?? toConsole)(warning);
      } catch (error) {
        report(error);
      }
    },
    reset(code, key) {
      told.get(code)?.delete(key);
    },
  };
}
