import type { KubeObject } from '@reckon/api/machinery';
import type { ResourceClient } from '@reckon/client/rest';

/** What an object lacks of its finalizer's rule (pkg/controller/util/protectionutil); undefined: nothing. */
type Need = 'release' | 'protect' | undefined;

/**
 * An object that is being deleted is released when nobody uses it; one that is not has the finalizer, which admission gives,
 * even when it is older than that plugin.
 */
export function needOf({ metadata }: KubeObject, finalizer: string): Need {
  const isProtected = metadata.finalizers?.includes(finalizer) === true;
  if (metadata.deletionTimestamp === undefined) return isProtected ? undefined : 'protect';
  return isProtected ? 'release' : undefined;
}

/** Writes the object with or without its finalizer; a lost race is thrown, and the key comes back. */
export async function meetNeed<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  finalizer: string,
  need: Exclude<Need, undefined>,
): Promise<void> {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  const finalizers = need === 'protect' ? [...others, finalizer] : others;
  await client.update({ ...object, metadata: { ...object.metadata, finalizers } });
}
