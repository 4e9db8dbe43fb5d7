import { reasonOf } from '@reckon/api/machinery';
import type { ResourceClient } from '@reckon/client/rest';
import type { ControllerRevision } from './revision';

/** Changes a revision, a second time on the live one if the cache was behind (history.UpdateControllerRevision). */
export async function updateRevision(
  client: ResourceClient<ControllerRevision>,
  revision: ControllerRevision,
  changed: (revision: ControllerRevision) => ControllerRevision,
): Promise<ControllerRevision> {
  try {
    return await client.update(changed(revision));
  } catch (error) {
    if (reasonOf(error) !== 'Conflict') throw error;
    const { namespace = '', name = '' } = revision.metadata;
    return client.update(changed(await client.get(namespace, name)));
  }
}

/** One that is gone already is what was wanted. */
export async function deleteRevision(
  client: ResourceClient<ControllerRevision>,
  { metadata: { namespace = '', name = '' } }: ControllerRevision,
): Promise<void> {
  await client.delete(namespace, name).catch((error: unknown) => {
    if (reasonOf(error) !== 'NotFound') throw error;
  });
}
