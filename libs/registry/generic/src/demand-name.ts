import { goQuote, nameIsPathSegment, statusErrors } from '@reckon/api/machinery';

/** Throws 400 for a name of a URL that is no key of anything (registry/generic/registry `NamespaceKeyFunc`). */
export function demandName(name: string): void {
  if (name !== '.' && name !== '..' && !/[%/]/.test(name)) return;
  const why = nameIsPathSegment(name, 'name').join(';');
  throw statusErrors.badRequest(`Name parameter invalid: ${goQuote(name)}: ${why}`);
}
