/**
 * Any function, and no class. The second signature differs by its type parameter, so that TypeScript takes neither for
 * the type of an arrow function's parameters: those with a default and no annotation have the type of their default.
 */
export interface CacheableFunction {
  (...args: never[]): unknown;
  <_>(...args: never[]): unknown;
}
