import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';

type ItemRule<T> = (errors: Errors, path: FieldPath, item: T) => void;

/** `validateSlice`: a list that is too long is not looked into. */
export function checkItems<T>(
  errors: Errors,
  path: FieldPath,
  items: readonly T[] | undefined,
  most: number,
  rule: ItemRule<T>,
): boolean {
  const list = items ?? [];
  if (list.length > most) {
    errors.push(fieldErrors.tooMany(path, list.length, most));
    return false;
  }
  for (const [i, item] of list.entries()) rule(errors, path.index(i), item);
  return true;
}

/** `validateSet`: duplicates are told after all else. */
export function checkSet<T>(
  errors: Errors,
  path: FieldPath,
  items: readonly T[] | undefined,
  most: number,
  keyOf: (item: T) => string,
  rule: ItemRule<T>,
): void {
  if (checkItems(errors, path, items, most, rule)) checkUnique(errors, path, items ?? [], keyOf);
}

export function checkUnique<T>(errors: Errors, path: FieldPath, items: readonly T[], keyOf: (item: T) => string): void {
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item);
    if (seen.has(key)) errors.push(fieldErrors.duplicate(path.index(i), key));
    seen.add(key);
  }
}

/** A text is its own key. */
export const itself = (text: string): string => text;

/** `validateMap`: of a key that is too long the message shows both ends. */
export function checkMap<T>(
  errors: Errors,
  path: FieldPath,
  map: Readonly<Record<string, T>> | undefined,
  options: { readonly most?: number; readonly longestKey: number },
  keyRule: (errors: Errors, path: FieldPath, key: string) => void,
  rule: ItemRule<T>,
): void {
  const entries = Object.entries(map ?? {});
  if (options.most !== undefined && entries.length > options.most) {
    errors.push(fieldErrors.tooMany(path, entries.length, options.most));
    return;
  }
  for (const [key, item] of entries) {
    const keyPath = path.key(shortened(key, options.longestKey));
    keyRule(errors, keyPath, key);
    rule(errors, keyPath, item);
  }
}

function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const rest = most - 3;
  return `${text.slice(0, Math.floor((rest + 1) / 2))}...${text.slice(text.length - Math.floor(rest / 2))}`;
}
