// The experimental pair of Streamlit's old names.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { queryParams, ReservedKeyError } from '../../src/index.js';
import { experimentalGetQueryParams, experimentalSetQueryParams } from '../../src/legacy/query-params.js';
import { here } from '../helpers/real-page.js';

const home = location.href;
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
beforeEach(() => warn.mockClear());
afterEach(() => history.replaceState(null, '', home));

it('[QRY-132] experimentalGetQueryParams gives lists and warns once', () => {
  history.replaceState(null, '', `${location.pathname}?show_map=True&selected=asia&selected=america&Embed=1`);
  expect(experimentalGetQueryParams()).toEqual({ show_map: ['True'], selected: ['asia', 'america'] });
  experimentalGetQueryParams();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toMatch(/experimentalGetQueryParams\(\) is deprecated: use queryParams/);
  history.replaceState(null, '', `${location.pathname}?__proto__=1`);
  expect(Object.keys(experimentalGetQueryParams())).toEqual(['__proto__']);
});

it('[QRY-133] experimentalSetQueryParams is fromDict', () => {
  history.replaceState(null, '', `${location.pathname}?foo=bar&embed=true`);
  experimentalSetQueryParams({ x: ['a', ''], y: 1 });
  queryParams.flush();
  expect(here()).toBe('?embed=true&x=a&x=&y=1');
  expect(queryParams.getAll('x')).toEqual(['a', '']);
  queryParams.y = 2;
  expect(experimentalGetQueryParams().y).toEqual(['2']);
  expect(() => experimentalSetQueryParams({ embed: 1 })).toThrow(ReservedKeyError);
  queryParams.flush();
  expect(here()).toBe('?embed=true&x=a&x=&y=2');
  expect(warn).toHaveBeenCalledTimes(1);
});
