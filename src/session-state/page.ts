// Where the states of a page that share a storage meet, and what may be an in-place change: events, storage, copies.
import { systemClock } from '../browser/clock.js';
import { on, onLeave, onShow } from '../browser/page-life.js';
import { shared } from '../registry.js';

/** One state, as the page and its other states see it. */
export interface Member {
  readonly prefix: string;
  /** It keeps its items in this tab's sessionStorage, which only frames of this tab share. */
  readonly isTab: boolean;
  /** None before the first use, and where the browser denies it. */
  storage?: Storage | undefined;
  /** Prefixes of other states that begin with this one's: their items belong to them. */
  readonly longer: string[];
  /** Asks for the storage, if that has not happened. */
  open(): void;
  /** Looks at every object and writes. */
  flush(): void;
  /** Looks at every object that was handed out, under the cost control. */
  look(): void;
  /** Takes over what somebody else wrote in these items, or in all; a write that waits wins if `waitingWins`. */
  reread(names: string[] | undefined, waitingWins: boolean): void;
}

/** One list of states and one set of browser listeners per page, for all copies of the library. */
interface Page {
  readonly members: Set<Member>;
  isListening?: boolean;
  isHearing?: boolean;
  isWatching?: boolean;
}

let page: Page | undefined;
const findPage = (): Page => (page ??= shared('sessionPage', () => ({ members: new Set<Member>() })));

/** Adds a state. On a server nothing happens to a page, and none would ever leave it. */
export function attend(member: Member): void {
  if (typeof window === 'object') findPage().members.add(member);
}

/** Those that keep items. */
function each(work: (member: Member) => void): void {
  for (const one of [...findPage().members]) if (one.storage) work(one);
}

/** Before one of them writes, all states of a prefix know what was there. */
export function openAll(prefix: string): void {
  for (const one of findPage().members) if (one.prefix === prefix) one.open();
}

/** Somebody wrote these items, or all: the states of this storage take them over. */
export function rereadAll(storage: Storage | null | undefined, names: string[] | undefined, writer?: Member): void {
  each((one) => one !== writer && one.storage === storage && one.reread(names, true));
}

/**
 * Makes a state that has got its storage one of its page: it hears of the browser's events.
 *
 * @param onOverlap - receives the prefix of another state, of which one begins with the other
 */
export function join(member: Member, onOverlap: (prefix: string) => void): void {
  const page = findPage();
  const { prefix, storage } = member;
  for (const other of page.members) {
    if (other.prefix === prefix || other.storage !== storage) continue;
    if (other.prefix.startsWith(prefix)) member.longer.push(other.prefix);
    else if (prefix.startsWith(other.prefix)) {
      other.longer.push(prefix);
      other.reread(undefined, true);
    } else continue;
    onOverlap(other.prefix);
  }
  page.members.add(member);
  if (typeof window !== 'object') return;
  const hear = (): void => {
    if (page.isHearing) return;
    page.isHearing = true;
    on<StorageEvent>(window, 'storage', ({ storageArea, key }) =>
      rereadAll(storageArea, key === null ? undefined : [key]),
    );
  };
  if (!member.isTab || parent !== window || window.length > 0) hear();
  if (page.isListening) return;
  page.isListening = true;
  // for the first listener browsers load all of localStorage, too, which takes longer than everything else here
  systemClock.whenIdle(() => {
    // the window of a test may be gone by then
    if (typeof window !== 'object') return;
    hear();
    // frames that have come meanwhile may have written
    if (window.length > 0) each((one) => one.reread(undefined, true));
  }, 1000);
  onLeave(() => each((one) => one.flush()));
  onShow((isPersisted) => isPersisted && each((one) => one.reread(undefined, true)));
  // a prerendering page has an area of its own, which the browser throws away
  on(document, 'prerenderingchange', () =>
    each((one) => {
      one.reread(undefined, false);
      one.flush();
    }),
  );
}

/** Handlers change objects that they have kept, such as a row behind its checkbox. Other events follow one of these in its task. */
const userEvents =
  'click input change submit keydown keyup pointerdown pointerup contextmenu drop paste focusin focusout';

/** From now on every state looks at its objects in the task after an event of the user. */
export function watchUser(): void {
  const page = findPage();
  if (page.isWatching || typeof window !== 'object') return;
  page.isWatching = true;
  let isWaiting = false;
  const wait = ({ isTrusted }: Event): void => {
    if (isWaiting || !isTrusted) return;
    isWaiting = true;
    systemClock.after(0, () => {
      isWaiting = false;
      for (const member of page.members) member.look();
    });
  };
  for (const type of userEvents.split(' ')) on(window, type, wait, { capture: true, passive: true });
}
