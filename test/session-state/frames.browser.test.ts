// Data of another frame in sessionState.
import { expect, it } from 'vitest';
import { fresh } from '../helpers/session.js';

it('keeps plain data of another frame, whose Array and Object are not those of this one', () => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const { eval: run } = frame.contentWindow as unknown as { eval(code: string): unknown };
  const { s, again, warnings } = fresh();
  s.list = run('[{ a: 1, list: [2] }]');
  s.date = run('new Date(0)');
  s.mixed = run('({ n: 1n })');
  s.derived = run('new (class List extends Array {})()');
  s.patched = run(`Array.prototype.toJSON = () => 'list'; Object.prototype.toJSON = () => 'object'; [{ a: [1] }]`);
  const next = again();
  expect(next.toDict()).toEqual({ list: [{ a: 1, list: [2] }], patched: [{ a: [1] }] });
  expect(warnings.map(({ code, key }) => [code, key])).toEqual([
    ['unserializable', 'date'],
    ['unserializable', 'mixed'],
    ['unserializable', 'derived'],
  ]);
  frame.remove();
});
