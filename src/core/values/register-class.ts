// Which classes can be registered: only those whose instances own fields describe.
import { builtinClassOf } from './builtin-class.js';
import type { AnyClass, ClassRegistry } from './class-registry.js';

/** Comments, texts and templates: a `#` in them names no member. */
const noCode = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The members of a class as its text declares them, without bodies. Empty for a function that is no `class`. */
function membersText(constructor: Function): string {
  let text = Function.prototype.toString.call(constructor);
  if (!text.startsWith('class')) return '';
  text = text.replace(noCode, '0').trim();
  for (let body = null, before = ''; text !== before; ) {
    body = /\{([^{}]*)\}$/.exec(text);
    if (body) return body[1] as string;
    before = text;
    text = text.replace(/\{[^{}]*\}/g, ';');
  }
  return '';
}

/** Why own fields do not describe an instance of this class; `undefined` if they do. */
function whyNot(constructor: AnyClass): string | undefined {
  let prototype: object | null = constructor.prototype as object;
  for (; prototype; prototype = Object.getPrototypeOf(prototype)) {
    const name = builtinClassOf(prototype);
    if (name === 'Object') return undefined;
    if (name) return `class extends ${name}, whose content is in no own field`;
    const { constructor: own } = prototype;
    if (typeof own !== 'function') continue;
    const members = membersText(own);
    if (/(^|[\s;*])#[\p{ID_Start}$_\\]/u.test(members))
      return `class ${own.name} has private members, which no own field holds`;
    if (/(^|[\s;])accessor[ \t]+[\p{ID_Start}$_#[\d]/u.test(members))
      return `class ${own.name} has an accessor, which no own field holds`;
  }
  return undefined;
}

/**
 * Registers a class; the checks are apart from the registry, which every bundle holds.
 *
 * @throws TypeError if the identifier is empty or belongs to a class of another name, or if own fields cannot describe
 * instances of the class
 */
export function registerChecked(classes: ClassRegistry, constructor: AnyClass, identifier: string): void {
  const refuse = (what: string): never => {
    throw new TypeError(`registerClass(${constructor?.name}, "${identifier}"): the ${what}.`);
  };
  if (typeof constructor !== 'function' || typeof constructor.prototype !== 'object')
    refuse('constructor must be a class');
  if (typeof identifier !== 'string' || identifier === '')
    refuse('identifier must be a non-empty text, because minified class names collide');
  const reason = whyNot(constructor);
  if (reason) refuse(reason);
  const present = classes.byIdentifier(identifier);
  // of the same name it is the same class after a hot reload
  if (present && present !== constructor && present.name !== constructor.name)
    refuse(`identifier belongs to the class ${present.name}; choose another one`);
  classes.register(constructor, identifier);
}
