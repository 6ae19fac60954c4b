// A cache that several users share over HTTP, by unstorage.
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import httpDriver from 'unstorage/drivers/http';
import redisDriver from 'unstorage/drivers/redis';
import { createStorageServer } from 'unstorage/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCache, memoryStore, tieredStore, unstorageStore } from '../../src/index.js';
import { storeContract } from '../contract/store-contract.js';
import { freePort, removeDir, spawnTied, tempDir } from '../tools/browsers.mjs';

// real servers on loopback, as several users of one cache would meet them

const folder = tempDir('unstorage');
const files = createStorage({ driver: fsDriver({ base: folder }) });
const listener = http.createServer(createStorageServer(files).handle);
const redis = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((file) => fs.existsSync(file));
let base = '';
let redisPort = 0;
let redisProcess: ReturnType<typeof spawnTied> | undefined;

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

beforeAll(async () => {
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  if (!redis) return;
  redisPort = await freePort();
  const options = [
    '--port',
    `${redisPort}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  redisProcess = spawnTied(redis, options, { env: process.env });
  await vi.waitFor(async () => expect(await answers(redisPort)).toBe(true), { timeout: 10_000 });
});
afterAll(async () => {
  listener.closeAllConnections();
  listener.close();
  if (redisProcess) {
    const gone = new Promise((resolve) => redisProcess?.once('exit', resolve));
    redisProcess.stdin?.end(); // ends its process group
    await gone;
  }
  removeDir(folder);
});

storeContract('unstorageStore on files', () => unstorageStore(files));
storeContract('unstorageStore over HTTP', () => unstorageStore(createStorage({ driver: httpDriver({ base }) })));

if (redis) {
  let storage: ReturnType<typeof createStorage>;
  const open = (): typeof storage =>
    createStorage({ driver: redisDriver({ base: 'app', port: redisPort, host: '127.0.0.1' }) });
  storeContract('unstorageStore in Redis', () => unstorageStore((storage ??= open())));
  afterAll(() => storage?.dispose());
} else console.warn('[redis] redis-server is not installed: unstorageStore is not tested with it');

describe('[CAC-206] a cache shared over HTTP', () => {
  it('serves one user what another one has computed', async () => {
    let runs = 0;
    const user = (): ((id: number) => Promise<{ id: number; bytes: Uint8Array }>) => {
      const store = tieredStore(memoryStore(), unstorageStore(createStorage({ driver: httpDriver({ base }) })));
      return createCache({ store }).cacheData(
        (id: number) => {
          runs++;
          return { id, bytes: new Uint8Array([id, 2, 3]) };
        },
        { name: 'shared' },
      );
    };
    const expected = { id: 7, bytes: new Uint8Array([7, 2, 3]) };
    expect(await user()(7)).toEqual(expected);
    await vi.waitFor(async () => expect((await files.getKeys()).length).toBeGreaterThan(0));
    expect(await user()(7)).toEqual(expected);
    expect(runs).toBe(1);
  });

  it('computes, with one warning, when the server is down', async () => {
    const onWarning = vi.fn();
    const driver = httpDriver({ base: `http://127.0.0.1:${await freePort()}` });
    const { cacheData } = createCache({ store: unstorageStore(createStorage({ driver })), onWarning });
    const load = cacheData((id: number) => id * 2, { name: 'down' });
    expect(await Promise.all([load(1), load(2)])).toEqual([2, 4]);
    expect(await load(1)).toBe(2);
    await vi.waitFor(() => expect(onWarning).toHaveBeenCalled());
    expect(onWarning.mock.calls.map(([{ code }]) => code)).toEqual(['cache-storage']);
  });
});
