import { absent } from '../core/batch.js';

/** What is known of one key, from its first mention on; it stays when the key is removed. */
export interface Entry {
  readonly key: string;
  /** Of its item in storage; kept, because engines convert a new string at every call. */
  readonly name: string;
  /** It is called like a method, which wins by dot. */
  readonly isMember: boolean;
  /** `unread` while only the text is known; `absent` while the key is missing. */
  value: unknown;
  /**
   * Of the value when it was last looked at. `null`: not looked at since it was set. `undefined`: no text keeps it. Of a
   * missing key: a text that cannot be read and stays where it is.
   */
  text: string | null | undefined;
  /** What stands in storage, as far as this page has read or written it. */
  stored: string | undefined;
  version: number;
  /** Storage held it when the state was opened, and it has not been removed since. */
  isFound: boolean;
  /** Waits to be written. */
  isMarked: boolean;
  /** Stands in the list of the next tick. */
  isTouched: boolean;
  /** Its object was handed out or set: it may change without a word. */
  isOut: boolean;
  /** Never stored on this page. */
  isSecret: boolean;
  /** What refs show of an object; `undefined`: nobody has asked since it was set. */
  shown: unknown;
  /** When it may be looked at again without being asked, ms; below 0: it was set again, and may have changed in place. */
  nextLookAt: number;
}

/** Stands for a value whose text has not been read yet. */
export const unread: object = {};

export const createEntry = (key: string, name: string, isMember: boolean): Entry => ({
  key,
  name,
  isMember,
  value: absent,
  text: undefined,
  stored: undefined,
  version: 0,
  isFound: false,
  isMarked: false,
  isTouched: false,
  isOut: false,
  isSecret: false,
  shown: undefined,
  nextLookAt: 0,
});

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && value !== absent;
