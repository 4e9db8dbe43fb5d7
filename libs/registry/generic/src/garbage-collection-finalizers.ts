import type { DeleteOptions, Strategy } from './strategy';

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

/**
 * The finalizers that an object must have when its deletion begins, so that the garbage collector orphans or deletes its dependents
 * first (registry/generic/registry `deletionFinalizersForGarbageCollection`). What the request says goes before what the
 * object's finalizers say, and that before the kind's default. Undefined when nothing changes.
 */
export function garbageCollectionFinalizers(
  finalizers: readonly string[],
  options: DeleteOptions,
  defaultPropagation: Strategy['defaultPropagation'],
): string[] | undefined {
  const wanted = wantedFinalizer(finalizers, options, defaultPropagation);
  const kept = finalizers.filter((f) => f !== orphanFinalizer && f !== foregroundFinalizer);
  const next = wanted === undefined ? kept : [...kept, wanted];
  const unchanged = next.length === new Set(finalizers).size && next.every((f) => finalizers.includes(f));
  return unchanged ? undefined : next;
}

function wantedFinalizer(
  finalizers: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
  defaultPropagation: Strategy['defaultPropagation'],
): string | undefined {
  if (defaultPropagation === 'Unsupported') return undefined;
  if (orphanDependents !== undefined) return orphanDependents ? orphanFinalizer : undefined;
  switch (propagationPolicy) {
    case 'Orphan':
      return orphanFinalizer;
    case 'Foreground':
      return foregroundFinalizer;
    case 'Background':
      return undefined;
    case undefined:
      break;
  }
  const own = finalizers.find((f) => f === orphanFinalizer || f === foregroundFinalizer);
  return own ?? (defaultPropagation === 'Orphan' ? orphanFinalizer : undefined);
}
