import { type KubeObject, type OwnerReference, reasonOf, semanticEqual } from '@reckon/api/machinery';
import type { DeleteRequest, PatchRequest, RestClient } from '@reckon/client/rest';
import type { Identity } from './owner-identity';
import type { ServedKinds } from './served-kinds';

export type Policy = NonNullable<DeleteRequest['propagationPolicy']>;

/** Upstream's `retry.DefaultBackoff` tries this often. */
const mostTries = 4;

/** What the collector does to objects whose kind it knows by name only (pkg/controller/garbagecollector/operations.go, patch.go). */
export class ObjectOperations {
  constructor(
    private readonly rest: RestClient,
    private readonly kinds: ServedKinds,
  ) {}

  /** Undefined if there is none of that name. */
  async get(identity: Identity): Promise<KubeObject | undefined> {
    const { client, namespace } = await this.at(identity);
    return client.get(namespace, identity.name).catch(absent);
  }

  /**
   * Deletes what was looked at, and nothing newer: if the object changed meanwhile, its owners must still be the same. Throws
   * NotFound when it is gone before the first try.
   */
  async delete(identity: Identity, seen: KubeObject['metadata'], propagationPolicy: Policy): Promise<void> {
    const { client, namespace } = await this.at(identity);
    const remove = (resourceVersion: string | undefined): Promise<unknown> =>
      client.delete(namespace, identity.name, {
        propagationPolicy,
        preconditions: { uid: identity.uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      });
    try {
      await remove(seen.resourceVersion);
    } catch (error) {
      if (reasonOf(error) !== 'Conflict') throw error;
      const live = await client.get(namespace, identity.name).catch(absent);
      if (live === undefined) return;
      const { resourceVersion, ownerReferences } = live.metadata;
      if (resourceVersion === seen.resourceVersion || !semanticEqual(ownerReferences, seen.ownerReferences))
        throw error;
      await remove(undefined);
    }
  }

  async removeFinalizer(identity: Identity, finalizer: string): Promise<void> {
    const { client, namespace } = await this.at(identity);
    for (let tries = 1; ; tries++) {
      const object = await client.get(namespace, identity.name).catch(absent);
      const { finalizers = [], resourceVersion } = object?.metadata ?? {};
      if (object?.metadata.uid !== identity.uid || !finalizers.includes(finalizer)) return;
      const metadata = { resourceVersion, finalizers: finalizers.filter((f) => f !== finalizer) };
      try {
        await client.patch(namespace, identity.name, { type: 'merge', body: { metadata } });
        return;
      } catch (error) {
        if (reasonOf(error) === 'NotFound') return;
        if (reasonOf(error) !== 'Conflict' || tries === mostTries) throw error;
      }
    }
  }

  /** Takes these owners out of the object's references; the uid in the patch keeps a namesake as it is. */
  async dropOwners(identity: Identity, uids: readonly string[]): Promise<void> {
    await this.patchOwners(
      identity,
      uids.map((uid) => ({ $patch: 'delete', uid })),
      (owners) => owners.filter(({ uid }) => !uids.includes(uid)),
    );
  }

  /** Makes all of the object's references ones that no owner waits for. */
  async unblockOwners(identity: Identity, owners: readonly OwnerReference[]): Promise<void> {
    const unblocked = (list: readonly OwnerReference[]): OwnerReference[] =>
      list.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    await this.patchOwners(identity, unblocked(owners.filter((o) => o.blockOwnerDeletion === true)), unblocked);
  }

  /** Custom resources have no strategic merge patch: for them the whole list is written, if it is still the one that was read. */
  private async patchOwners(
    identity: Identity,
    strategic: readonly object[],
    change: (owners: readonly OwnerReference[]) => OwnerReference[],
  ): Promise<void> {
    const { client, namespace } = await this.at(identity);
    const patch = (request: PatchRequest): Promise<unknown> => client.patch(namespace, identity.name, request);
    try {
      await patch({ type: 'strategic', body: { metadata: { uid: identity.uid, ownerReferences: strategic } } });
    } catch (error) {
      if (reasonOf(error) !== 'UnsupportedMediaType') throw error;
      const { uid, resourceVersion, ownerReferences = [] } = (await client.get(namespace, identity.name)).metadata;
      if (uid !== identity.uid) return;
      await patch({
        type: 'merge',
        body: { metadata: { uid, resourceVersion, ownerReferences: change(ownerReferences) } },
      });
    }
  }

  private async at(identity: Identity) {
    const resource = await this.kinds.find(identity.apiVersion, identity.kind);
    return { client: this.rest.metadata(resource), namespace: resource.namespaced ? identity.namespace : '' };
  }
}

function absent(error: unknown): undefined {
  if (reasonOf(error) !== 'NotFound') throw error;
  return undefined;
}
