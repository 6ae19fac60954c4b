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

/** Of all warners of this copy: how often they forgot what they have told, and whether they tell nothing now. */
let era = 0;
let quiet = 0;

/** Runs `work` without a warning; whatever was told before is told again afterwards. For tests, which begin anew. */
export async function withoutWarnings(work: () => Promise<unknown>): Promise<void> {
  quiet++;
  try {
    await work();
  } finally {
    quiet--;
    era++;
  }
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
  const told = new Set<string>();
  // codes have no space
  const idOf = (code: string, key?: string): string => [code, key].join(' ');
  let since = era;
  return {
    warn(warning) {
      if (quiet > 0) return;
      if (since !== era) {
        since = era;
        told.clear();
      }
      const id = idOf(warning.code, warning.key);
      if (told.has(id)) return;
      told.add(id);
      try {
        (onWarning ?? toConsole)(warning);
      } catch (error) {
        report(error);
      }
    },
    reset(code, key) {
      // asked at every write; there is hardly ever anything to forget
      if (told.size > 0) told.delete(idOf(code, key));
    },
  };
}
