// @cacheData and @cacheResource on methods, and handles of methods.
import { describe, expect, it } from 'vitest';
import { type AnyCached, testCache } from '../helpers/caches.js';

const { cacheData, cacheResource } = testCache();

describe('@cacheData', () => {
  const runs: string[] = [];

  class Shop {
    constructor(readonly id: string) {}

    @cacheData({ persist: false })
    async price(sku: string): Promise<string> {
      runs.push(`price ${this.id} ${sku}`);
      return `${this.id}:${sku}`;
    }

    @cacheData({ persist: false })
    static async all(this: typeof Shop, n: number): Promise<string> {
      runs.push(`all ${this.name} ${n}`);
      return `${this.name}${n}`;
    }

    @cacheData({ persist: false })
    async #secret(n: number): Promise<string> {
      runs.push(`secret ${this.id} ${n}`);
      return `${this.id}${n}`;
    }

    secret(n: number): Promise<string> {
      return this.#secret(n);
    }

    clearSecrets(): Promise<void> {
      return (this.#secret as unknown as { clear(): Promise<void> }).clear();
    }
  }

  class Sale extends Shop {
    @cacheData({ persist: false })
    override async price(sku: string): Promise<string> {
      runs.push(`sale ${this.id} ${sku}`);
      return `${await super.price(sku)}!`;
    }
  }

  class Plain extends Shop {
    override async price(sku: string): Promise<string> {
      return `plain ${await super.price(sku)}`;
    }
  }

  const ranBy = async (run: () => Promise<unknown>): Promise<string[]> => {
    runs.length = 0;
    await run();
    return [...runs];
  };

  it('[CAC-4][CAC-40] caches per instance, with the right this', async () => {
    const [x, y] = [new Shop('x'), new Shop('y')];
    expect(
      await ranBy(async () => {
        expect([await x.price('a'), await x.price('a'), await y.price('a')]).toEqual(['x:a', 'x:a', 'y:a']);
      }),
    ).toEqual(['price x a', 'price y a']);
  });

  it('[CAC-40] caches static and private methods', async () => {
    const shop = new Shop('s');
    expect(
      await ranBy(async () => {
        expect([await Shop.all(1), await Shop.all(1)]).toEqual(['Shop1', 'Shop1']);
        expect([await shop.secret(1), await shop.secret(1)]).toEqual(['s1', 's1']);
      }),
    ).toEqual(['all Shop 1', 'secret s 1']);
    const other = new Shop('o');
    await other.secret(1);
    expect(
      await ranBy(async () => {
        await shop.clearSecrets();
        await shop.secret(1);
        await other.secret(1);
      }),
    ).toEqual(['secret s 1', 'secret o 1']);
  });

  it('[CAC-40] keeps overriding and super calls working', async () => {
    const sale = new Sale('z');
    expect(
      await ranBy(async () => {
        expect([await sale.price('a'), await sale.price('a')]).toEqual(['z:a!', 'z:a!']);
      }),
    ).toEqual(['sale z a', 'price z a']);
    expect(await new Plain('p').price('a')).toBe('plain p:a');
  });

  it('[CAC-41][CAC-91] only the value of that instance goes', async () => {
    let size = 100;
    const runs: Box[] = [];
    class Box {
      @cacheData({ maxSize: '500kB', persist: false })
      async load(_x: number): Promise<string> {
        runs.push(this);
        return 'x'.repeat(size * 1000);
      }
    }
    const [a, b] = [new Box(), new Box()];
    await Promise.all([a.load(1), b.load(1)]);
    size = 600;
    await (a.load as unknown as AnyCached)['refresh'](1);
    await (a.load as unknown as AnyCached)['prime']('x'.repeat(600_000), 1);
    await Promise.all([a.load(1), b.load(1)]);
    expect(runs).toEqual([a, b, a, a]);
  });

  it('[CAC-41] gives each instance a handle of its own', async () => {
    const [x, y] = [new Shop('x'), new Shop('y')];
    await x.price('a');
    await y.price('a');
    type Handle = { clear(sku?: string): Promise<void>; peek(sku: string): string | undefined };
    await (x.price as unknown as Handle).clear('a');
    expect((x.price as unknown as Handle).peek('a')).toBeUndefined();
    expect((y.price as unknown as Handle).peek('a')).toBe('y:a');
    expect(await ranBy(() => Promise.all([x.price('a'), y.price('a')]))).toEqual(['price x a']);
    expect(x.price).toBe(x.price);
    expect(Object.keys(x)).toEqual(['id']);
    await (Shop.prototype.price as unknown as Handle).clear();
    expect(await ranBy(() => Promise.all([x.price('a'), y.price('a')]))).toEqual(['price x a', 'price y a']);
  });

  it('[CAC-40] runs with the object on which it is called, also with one that inherits from an instance', async () => {
    const shop = new Shop('i');
    await shop.price('a');
    const heir: Shop = Object.create(shop, { id: { value: 'h' } });
    expect(await ranBy(async () => expect(await heir.price('a')).toBe('h:a'))).toEqual(['price h a']);
    const { price } = shop;
    expect(await ranBy(async () => expect([await price('a'), await heir.price('a')]).toEqual(['i:a', 'h:a']))).toEqual(
      [],
    );
  });

  it('[CAC-40] lets a handle be replaced, as a method can be', async () => {
    const shop = new Shop('r');
    shop.price = async () => 'mine';
    expect(await shop.price('a')).toBe('mine');
  });

  it('works for cacheResource, and bare', () => {
    let made = 0;
    class Page {
      @cacheResource({})
      socket(url: string): object {
        made++;
        return { url, page: this };
      }

      @cacheResource
      worker(): object {
        made++;
        return { page: this };
      }
    }
    const page = new Page();
    expect(page.socket('a')).toBe(page.socket('a'));
    expect(page.worker()).toBe(page.worker());
    expect(page.worker()).not.toBe(new Page().worker());
    expect(made).toBe(3);
  });

  it('[CAC-6] says what to do about experimentalDecorators', () => {
    class Old {
      price(sku: string) {
        return sku;
      }
      static all() {}
    }
    const descriptor = { value: Old.prototype.price, writable: true, configurable: true };
    for (const decorator of [cacheData, cacheData({ ttl: 5 }), cacheResource, cacheResource({})] as any[]) {
      for (const target of [Old.prototype, Old])
        for (const name of ['price', Symbol('price')])
          expect(() => decorator(target, name, descriptor)).toThrow(/^@cache(Data|Resource): .*experimentalDecorators/);
      expect(() => decorator(Old.prototype, 'price', descriptor)).toThrow(TypeError);
    }
  });

  it('[CAC-215] method: true does for a prototype what a decorator does', async () => {
    const seen: string[] = [];
    class Old {
      constructor(readonly id: string) {}
      async price(sku: string) {
        seen.push(`${this.id} ${sku}`);
        return sku;
      }
    }
    Old.prototype.price = cacheData(Old.prototype.price, { method: true, persist: false }) as never;
    const [x, y] = [new Old('x'), new Old('y')];
    for (const each of [x, y, x, y]) await each.price('a');
    expect(seen).toEqual(['x a', 'y a']);
  });

  it('a static method keeps its class, which does not count', async () => {
    class Base {
      static made = 0;
      @cacheData({ persist: false })
      static async make(): Promise<number> {
        return ++Base.made;
      }
    }
    class Derived extends Base {}
    expect([await Base.make(), await Derived.make()]).toEqual([1, 1]);
  });

  it('stands before methods only', () => {
    const decorator = cacheData({}) as unknown as (value: unknown, context: object) => unknown;
    for (const kind of ['class', 'field', 'getter', 'accessor'])
      expect(() => decorator(() => 1, { kind, name: 'x', addInitializer() {} })).toThrow(TypeError);
  });
});
