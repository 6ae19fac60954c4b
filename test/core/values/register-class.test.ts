// registerClass: what may be registered.
import { describe, expect, it } from 'vitest';
import { type AnyClass, createClassRegistry } from '../../../src/core/values/class-registry.js';
import { registerChecked } from '../../../src/core/values/register-class.js';

const register = (constructor: unknown): void =>
  registerChecked(createClassRegistry(), constructor as AnyClass, 'test.Id');
/** As an application's build leaves it: no transform of the tests has touched it. */
const fromText = (text: string): unknown => new Function('T', `return ${text}`)(class {});

describe('registerClass', () => {
  const slots = [
    ...['Error', 'TypeError', 'AggregateError', 'Map', 'Set', 'WeakMap', 'Array', 'Date', 'RegExp', 'Promise'],
    ...['Uint8Array', 'Float64Array', 'ArrayBuffer', 'DataView', 'URL', 'URLSearchParams', 'Number', 'String'],
    ...['EventTarget', 'Function'],
  ];
  it.each(slots)('[CAC-235] refuses a class that extends %s, and %s itself', (name) => {
    const Base = (globalThis as unknown as Record<string, new () => object>)[name]!;
    class Sub extends Base {}
    class SubSub extends Sub {}
    for (const each of [Sub, SubSub]) expect(() => register(each)).toThrow(/extends .*no own field/);
    expect(() => register(Base)).toThrow(TypeError);
  });

  it('[CAC-235] refuses a function that inherits from Error', () => {
    function Old(): void {}
    Old.prototype = Object.create(Error.prototype, { constructor: { value: Old } });
    expect(() => register(Old)).toThrow(/extends Error/);
  });

  it.each([
    'class A { #id; }',
    'class A{a=1;#id=2;get id(){return this.#id}}',
    'class A{constructor(){this.#b()}#b(){}}',
    'class A { static #count = 0 }',
    'class A { get #x() { return 1; } }',
    'class A { async *#gen() {} }',
    'class A { *#gen() {} }',
    'class A extends T { #id = "}" }',
    'class A extends (class { #id }) {}',
    'class { #id }',
    'class A { a = "#" + `${{}}`; /* { */ #id }',
    "class A {\n// it's a comment\n#id }",
  ])('[CAC-235] refuses private members: %s', (text) => {
    expect(() => register(fromText(text))).toThrow(/private members/);
  });

  it.each([
    'class A { a = "#id"; b = `#id`; }',
    'class A { color = "x"; /* #id */ m() { return "#id"; } }',
    'class A { m() { class B { #id } return B; } }',
    'class A { // #id\n a = 1 }',
    'class A { accessor; }',
    'class A { accessor = 1; static accessors = 2 }',
    'class A { accessor() {} }',
    'class A { get accessor() { return 1; } }',
    'class A extends T { a = 1 }',
    'class {}',
    'function A() { this.a = "#x"; }',
  ])('[CAC-235] takes %s', (text) => {
    expect(() => register(fromText(text))).not.toThrow();
  });

  it.each(['class A { accessor x = 1 }', 'class A { static accessor x }', 'class A{a;accessor x=1}'])(
    '[CAC-235] refuses accessor members: %s',
    (text) => {
      // no engine runs them yet
      const A = class A {};
      const { toString } = Function.prototype;
      Function.prototype.toString = function (this: Function) {
        return this === A ? text : toString.call(this);
      };
      try {
        expect(() => register(A)).toThrow(/accessor/);
      } finally {
        Function.prototype.toString = toString;
      }
    },
  );

  it('says what else is wrong', () => {
    expect(() => register(() => {})).toThrow(/must be a class/);
    const classes = createClassRegistry();
    registerChecked(classes, class A {}, 'x');
    expect(() => registerChecked(classes, class B {}, 'x')).toThrow(/belongs to the class A/);
    expect(() => registerChecked(classes, class A {}, '')).toThrow(/non-empty/);
  });
});
