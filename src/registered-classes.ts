// registerClass, and the classes of this page.
import { type AnyClass, type ClassRegistry, createClassRegistry } from './core/values/class-registry.js';
import { registerChecked } from './core/values/register-class.js';
import { shared } from './registry.js';

/** The classes of this page, for all copies of the library. */
export const classes: ClassRegistry = shared('classes', createClassRegistry);

/**
 * Lets instances of a class survive persistence, in sessionState and in cacheData: they come back with their prototype
 * and their own fields.
 *
 * @param constructor - the class; its constructor is not called when an instance comes back
 * @param identifier - non-empty text that stays the same over builds; minified class names collide
 * @throws TypeError if the identifier is empty or belongs to a class of another name
 * @example
 * registerClass(Cart, 'Cart');
 * sessionState.cart = new Cart();
 */
export function registerClass(constructor: AnyClass, identifier: string): void {
  registerChecked(classes, constructor, identifier);
}
