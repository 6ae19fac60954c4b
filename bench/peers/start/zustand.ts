// Start of a page: zustand with persist, until the first read.
import { createJSONStorage, persist } from 'zustand/middleware';
import { createStore } from 'zustand/vanilla';

export const firstRead = (): unknown =>
  createStore(
    persist(() => ({ count: 0 }), { name: 'zustand', storage: createJSONStorage(() => sessionStorage) }),
  ).getState().count;
