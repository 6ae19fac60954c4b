import type { AnyClass, ClassRegistry } from './class-registry.js';

/**
 * Registers a class; the checks are apart from the registry, which every bundle holds.
 *
 * @throws TypeError if the identifier is empty or belongs to a class of another name
 */
export function registerChecked(classes: ClassRegistry, constructor: AnyClass, identifier: string): void {
  const refuse = (what: string): never => {
    throw new TypeError(`registerClass(${constructor?.name}, "${identifier}"): the ${what}.`);
  };
  if (typeof constructor !== 'function' || typeof constructor.prototype !== 'object')
    refuse('constructor must be a class');
  if (typeof identifier !== 'string' || identifier === '')
    refuse('identifier must be a non-empty text, because minified class names collide');
  const present = classes.byIdentifier(identifier);
  // of the same name it is the same class after a hot reload
  if (present && present !== constructor && present.name !== constructor.name)
    refuse(`identifier belongs to the class ${present.name}; choose another one`);
  classes.register(constructor, identifier);
}
