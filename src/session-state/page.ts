import { on, onLeave, onShow } from '../browser/page-life.js';
import { shared } from '../registry.js';

/** What one state tells the page's others, and what the page tells it. */
export interface Member {
  readonly prefix: string;
  readonly storage: Storage;
  /** Prefixes of other states that begin with its own: their items are not its. */
  readonly longer: string[];
  /** Looks at everything and writes. */
  flush(): void;
  /** Takes over what somebody else wrote, in the items of these names or in all; what waits to be written wins if `waitingWins`. */
  reread(names: string[] | undefined, waitingWins: boolean): void;
}

/** One set of states and browser listeners per page, for all copies of the library. */
interface Page {
  /** By prefix. */
  members: Map<string, Member[]>;
  /** By prefix: opens states that were only listened to so far. They join before one of their name writes. */
  waiting: Map<string, Set<() => void>>;
  isListening: boolean;
}

let page: Page | undefined;
const findPage = (): Page =>
  (page ??= shared('sessionPages', () => ({ members: new Map(), waiting: new Map(), isListening: false })));

/** Somebody listens to a state: `open` is called, at the latest before another one of this prefix writes. */
export function attend(prefix: string, open: () => void): void {
  const { waiting } = findPage();
  waiting.set(prefix, (waiting.get(prefix) ?? new Set()).add(open));
}

export function openWaiting(prefix: string): void {
  const { waiting } = findPage();
  const all = waiting.size > 0 && waiting.get(prefix);
  if (!all) return;
  waiting.delete(prefix);
  for (const open of all) open();
}

/**
 * Makes the state one of its page: it hears of the browser's events and of other states.
 *
 * @param onOverlap - called if another state has items that this one may have, with its prefix
 * @returns the states of its prefix
 */
export function join(member: Member, onOverlap: (prefix: string) => void): Member[] {
  const page = findPage();
  const { members } = page;
  const { prefix, storage } = member;
  const each = (work: (member: Member) => void): void => [...members.values()].flat().forEach(work);
  each((other) => {
    if (other.prefix === prefix || other.storage !== storage) return;
    if (other.prefix.startsWith(prefix)) member.longer.push(other.prefix);
    else if (prefix.startsWith(other.prefix)) {
      other.longer.push(prefix);
      other.reread(undefined, true);
    } else return;
    onOverlap(other.prefix);
  });
  const namesakes = members.get(prefix) ?? [];
  members.set(prefix, namesakes);
  namesakes.push(member);
  if (!page.isListening && typeof window === 'object') {
    page.isListening = true;
    onLeave(() => each((one) => one.flush()));
    onShow((isPersisted) => isPersisted && each((one) => one.reread(undefined, true)));
    // a prerendering page has an area of its own, which the browser throws away
    on(document, 'prerenderingchange', () =>
      each((one) => {
        one.reread(undefined, false);
        one.flush();
      }),
    );
    on<StorageEvent>(window, 'storage', ({ storageArea, key }) =>
      each((one) => one.storage === storageArea && one.reread(key === null ? undefined : [key], true)),
    );
  }
  return namesakes;
}
