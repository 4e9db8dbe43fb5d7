import { jsonEqual } from '@reckon/api/machinery';
import { childPath, elementNames, isObject, isPlainList, type JsonObject, type Shape } from './list-shape';

/** One field that is not as it was. `undefined` means that it is not there. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=app].image` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What every write changes, and who reads a log is not after. */
export const noise: ReadonlySet<string> = new Set(['metadata.managedFields', 'metadata.resourceVersion']);

/**
 * Fields that differ, in the order of the new object, removed ones last at their level. What was added or removed is one change, not
 * one for each leaf. Elements of a list are told apart by its merge keys where the shape has them, else by position; a list of plain
 * values changes as a whole.
 */
export function fieldChanges(before: unknown, after: unknown, shape: Shape | undefined, hidden = noise): FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before, after, shape, '');
  return changes;

  function compare(a: unknown, b: unknown, at: Shape | undefined, path: string): void {
    if (hidden.has(path)) return;
    if (isObject(a) && isObject(b)) {
      compareObjects(a, b, at, path);
      return;
    }
    if (Array.isArray(a) && Array.isArray(b) && !(isPlainList(a) && isPlainList(b))) {
      compareLists(a, b, at, path);
      return;
    }
    if (!jsonEqual(a, b)) changes.push({ path, before: a, after: b });
  }

  function compareObjects(a: JsonObject, b: JsonObject, at: Shape | undefined, path: string): void {
    for (const name of Object.keys(b)) compare(own(a, name), b[name], at?.child(name), childPath(path, name));
    for (const name of Object.keys(a))
      if (!Object.hasOwn(b, name)) compare(a[name], undefined, at?.child(name), childPath(path, name));
  }

  function compareLists(a: readonly unknown[], b: readonly unknown[], at: Shape | undefined, path: string): void {
    const namesA = elementNames(a, at);
    const namesB = elementNames(b, at);
    if (namesA === undefined || namesB === undefined) {
      for (let i = 0; i < Math.max(a.length, b.length); i++) compare(a[i], b[i], at?.item, `${path}[${i}]`);
      return;
    }
    const old = new Map(namesA.map((name, i) => [name, a[i]]));
    for (const [i, name] of namesB.entries()) {
      compare(old.get(name), b[i], at?.item, path + name);
      old.delete(name);
    }
    for (const [name, element] of old) compare(element, undefined, at?.item, path + name);
    const kept = (names: readonly string[], others: readonly string[]): string =>
      names.filter((n) => others.includes(n)).join();
    if (kept(namesA, namesB) !== kept(namesB, namesA))
      changes.push({ path: `${path} (order)`, before: namesA.join(''), after: namesB.join('') });
  }
}

const own = (object: JsonObject, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);
