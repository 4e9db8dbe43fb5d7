import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { ResourceRef, RestClient } from '@reckon/client/rest';
import { type DiscoveredResource, discoverResources, supports } from '../discovery/discover-resources';
import { runAll } from '../ownership/run-all';

/** What is still in a namespace, and what stood in the way of taking it out. */
export interface RemainingContent {
  /** `pods.` or `deployments.apps`, as upstream's messages name them, with the number of objects. */
  readonly objects: ReadonlyMap<string, number>;
  /** Objects per finalizer that they wait for. */
  readonly finalizers: ReadonlyMap<string, number>;
  readonly discoveryError?: string;
  readonly deletionErrors: readonly string[];
}

/**
 * Deletes everything in a namespace (pkg/controller/namespace/deletion): pods first, because what they run may need the rest to end
 * well, everything else once they are gone. Called again and again until nothing remains.
 */
export async function deleteContent(
  rest: RestClient,
  namespace: string,
  signal: AbortSignal,
): Promise<RemainingContent> {
  let resources: DiscoveredResource[];
  try {
    resources = (await discoverResources(rest)).filter((r) => r.namespaced && supports(r, 'delete', 'list'));
  } catch (error) {
    return { objects: new Map(), finalizers: new Map(), discoveryError: textOf(error), deletionErrors: [] };
  }
  const found = {
    objects: new Map<string, number>(),
    finalizers: new Map<string, number>(),
    deletionErrors: [] as string[],
  };
  const isPods = (r: ResourceRef): boolean => r.group === '' && r.resource === 'pods';
  await deleteAll({ rest, namespace, signal }, resources.filter(isPods), found);
  if (found.objects.size > 0 || found.deletionErrors.length > 0) return found;
  await deleteAll(
    { rest, namespace, signal },
    resources.filter((r) => !isPods(r)),
    found,
  );
  return found;
}

interface Place {
  readonly rest: RestClient;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

async function deleteAll(
  place: Place,
  resources: readonly DiscoveredResource[],
  found: { objects: Map<string, number>; finalizers: Map<string, number>; deletionErrors: string[] },
): Promise<void> {
  const { rest, namespace, signal } = place;
  await runAll(
    resources.length,
    async (index) => {
      const resource = resources[index];
      if (resource === undefined) return;
      try {
        if ((await remaining(rest, namespace, resource)).length === 0) return;
        await deleteResource(place, resource);
        const left = await remaining(rest, namespace, resource);
        if (left.length > 0) found.objects.set(`${resource.resource}.${resource.group}`, left.length);
        for (const { metadata } of left)
          for (const finalizer of metadata.finalizers ?? [])
            found.finalizers.set(finalizer, (found.finalizers.get(finalizer) ?? 0) + 1);
      } catch (error) {
        // A kind that vanished while we looked has no content left.
        if (reasonOf(error) !== 'NotFound' && reasonOf(error) !== 'MethodNotAllowed')
          found.deletionErrors.push(textOf(error));
      }
    },
    signal,
  );
}

async function deleteResource({ rest, namespace, signal }: Place, resource: DiscoveredResource): Promise<void> {
  const client = rest.resource(resource);
  if (supports(resource, 'deletecollection')) {
    await client.deleteCollection(namespace, {}, { propagationPolicy: 'Background' });
    return;
  }
  for (const { metadata } of await remaining(rest, namespace, resource)) {
    signal.throwIfAborted();
    await client.delete(namespace, metadata.name ?? '', { propagationPolicy: 'Background' }).catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
  }
}

async function remaining(rest: RestClient, namespace: string, resource: ResourceRef): Promise<KubeObject[]> {
  const list = await rest.metadata(resource).list(namespace);
  return list.items;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
