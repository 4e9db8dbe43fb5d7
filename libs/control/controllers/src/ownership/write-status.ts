import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { ResourceClient } from '@reckon/client/rest';

/**
 * Writes a status, a second time on the live object if the cache did not show our last write yet (upstream's
 * `updateReplicaSetStatus` and its likes). An object that is gone, or a namesake, needs none. `statusOf` is asked for each try.
 */
export async function writeStatus<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  statusOf: (object: T) => unknown,
): Promise<void> {
  try {
    await client.updateStatus({ ...object, status: statusOf(object) });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'NotFound') return;
    if (reason !== 'Conflict') throw error;
    const live = await client.get(object.metadata.namespace ?? '', object.metadata.name ?? '');
    if (live.metadata.uid === object.metadata.uid) await client.updateStatus({ ...live, status: statusOf(live) });
  }
}
