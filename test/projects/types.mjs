// The declarations of every entry, from TypeScript 5.4 on, without skipLibCheck.

const check = `import { cacheData, context, param, queryParams, sessionState } from 'tabstate';
import { cache } from 'tabstate/legacy';
import { config, connection } from 'tabstate/connection';
import { defineInspector } from 'tabstate/inspector';
import { useCached, useParams, useSessionState, useSuspenseCached, useValue } from 'tabstate/react';
import { memoryStorage, reset } from 'tabstate/testing';
const getUser = cacheData(async (id: string) => ({ id, name: 'Ada' }), { name: 'user', ttl: '1h' });
const view = queryParams.define({ page: 1, sort: param.oneOf(['up', 'down']) });
export const page: number = useParams(view).page;
export const name: string | undefined = useCached(getUser, '7').value?.name;
export const certain: string = useSuspenseCached(getUser, '7').name;
export const count: number = useValue(sessionState.ref('list', [] as string[]), (list) => list.length);
export const [n, setN] = useSessionState('n', 0);
setN((before) => before + n);
export const theme: 'light' | 'dark' | null = context.theme.type;
export const all: unknown[] = [cache, config, connection, defineInspector, memoryStorage, reset];
declare const request: Request;
export const asked: { page: number; sort: 'up' | 'down' | undefined } = view.parse(request);
// @ts-expect-error not a text
export const wrong: string = view.parse(request).page;
// @ts-expect-error no such argument
useCached(getUser, 7);
`;
const frameworks = `import { sessionState } from 'tabstate';
import { useValue as solid } from 'tabstate/solid';
import { useValue as vue } from 'tabstate/vue';
export const text: string = vue(sessionState.ref('text', '')).value;
export const shown: string = solid(sessionState.ref('text', ''))();
`;
const options = (module, moduleResolution, include, more = '') =>
  `{ "compilerOptions": { "target": "es2022", "lib": ["es2023", "dom", "dom.iterable"], "module": "${module}", "moduleResolution": "${moduleResolution}",
  "strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true, "skipLibCheck": false, "types": [], "noEmit": true${more} }, "files": ["${include}"] }`;
const configs = {
  'bundler.json': options('esnext', 'bundler', 'check.ts'),
  'node16.json': options('node16', 'node16', 'check.ts'),
  'nodenext.json': options('nodenext', 'nodenext', 'check.ts'),
  // the declarations of Vue and Solid themselves are not for old compilers
  'frameworks.json': options('esnext', 'bundler', 'frameworks.ts').replace(
    '"skipLibCheck": false',
    '"skipLibCheck": true',
  ),
};
const typescript = (version) => ({
  kind: 'command',
  packages: { typescript: version, react: '19', '@types/react': '19', vue: '3', 'solid-js': '1' },
  files: { 'check.ts': check, 'frameworks.ts': frameworks, ...configs },
  builds: Object.keys(configs).map((name) => ['tsc', '-p', name]),
});

export const types = {
  'types-5.4': typescript('5.4'),
  'types-5.9': typescript('5.9'),
  'types-6.0': typescript('6.0'),
  'types-7.0': typescript('7'),
};
