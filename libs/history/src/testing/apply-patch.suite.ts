import type { PatchOperation } from '../json-patch';

/** RFC 6902 for add, remove and replace, by the letter: what the patches are tested against. */
export function applyPatch(document: unknown, patch: readonly PatchOperation[]): unknown {
  let root = { '': structuredClone(document) } as Record<string, unknown>;
  for (const operation of patch) {
    const names = operation.path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop() ?? '';
    let parent = root as unknown;
    for (const name of names) {
      if (parent === null || typeof parent !== 'object' || !Object.hasOwn(parent, name))
        throw new Error(`no ${name} of ${operation.path}`);
      parent = (parent as Record<string, unknown>)[name];
    }
    if (Array.isArray(parent)) {
      const i = Number(last);
      if (!(i >= 0 && i <= parent.length - (operation.op === 'add' ? 0 : 1))) throw new Error(`no ${operation.path}`);
      parent.splice(
        i,
        operation.op === 'add' ? 0 : 1,
        ...(operation.op === 'remove' ? [] : [structuredClone(operation.value)]),
      );
      continue;
    }
    const object = parent as Record<string, unknown>;
    if (operation.op !== 'add' && !Object.hasOwn(object, last)) throw new Error(`no ${operation.path}`);
    if (operation.op === 'remove') delete object[last];
    else object[last] = structuredClone(operation.value);
    root = { ...root };
  }
  return root[''];
}
