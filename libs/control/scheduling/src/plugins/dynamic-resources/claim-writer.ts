import { reasonOf, semanticEqual } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { objectKey } from '@reckon/client/cache';
import type { ResourceClient } from '@reckon/client/rest';
import type { Logger } from '@reckon/kernel';
import type { Pod, ResourceClaim } from '../../framework/kinds';
import type { ClaimView } from './resource-claims';

/** Keeps a claim that has devices until they are given back. */
export const claimFinalizer = 'resource.kubernetes.io/delete-protection';

const mostTries = 5;

/** Writes what was decided about claims. What is written is kept in the view until a watch brings it. */
export class ClaimWriter {
  constructor(
    private readonly deps: {
      readonly client: ResourceClient<ResourceClaim>;
      readonly view: ClaimView;
      readonly logger: Logger;
    },
  ) {}

  /** Reserves the claim for the pod, and gives it its devices if it has none on the server (dynamicresources.bindClaim). */
  async bind(claim: ResourceClaim, pod: Pod, allocation: resourcev1.AllocationResult | undefined): Promise<void> {
    const consumer = { resource: 'pods', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' };
    await this.change(claim, async (newest) => {
      if (newest.metadata.deletionTimestamp !== undefined)
        throw new Error(`claim ${newest.metadata.name ?? ''} got deleted in the meantime`);
      const { allocation: known } = newest.status ?? {};
      if (
        allocation !== undefined &&
        known !== undefined &&
        !semanticEqual(known.devices?.results, allocation.devices?.results)
      )
        throw new Error(`claim ${newest.metadata.name ?? ''} got allocated elsewhere in the meantime`);
      if (newest.status?.reservedFor?.some(({ uid }) => uid === consumer.uid) === true) return newest;
      let current = newest;
      const { finalizers = [] } = current.metadata;
      if (known === undefined && !finalizers.includes(claimFinalizer))
        current = await this.deps.client.update({
          ...current,
          metadata: { ...current.metadata, finalizers: [...finalizers, claimFinalizer] },
        });
      return this.deps.client.updateStatus({
        ...current,
        status: {
          ...current.status,
          ...(known === undefined && allocation !== undefined ? { allocation } : {}),
          reservedFor: [...(current.status?.reservedFor ?? []), consumer],
        },
      });
    });
  }

  /** The pod does not use the claim after all. Never rejects. */
  async release(claim: ResourceClaim, pod: Pod): Promise<void> {
    await this.tried('reservation not given back', claim, (newest) => {
      const reservedFor = newest.status?.reservedFor?.filter(({ uid }) => uid !== pod.metadata.uid) ?? [];
      if (reservedFor.length === (newest.status?.reservedFor?.length ?? 0)) return Promise.resolve(newest);
      return this.deps.client.updateStatus({ ...newest, status: { ...newest.status, reservedFor } });
    });
  }

  /** Gives the devices of a claim back that nobody uses. Resolves to false where that failed. */
  deallocate(claim: ResourceClaim): Promise<boolean> {
    return this.tried('claim not deallocated', claim, (newest) => {
      const status = { ...newest.status };
      delete status.allocation;
      delete status.reservedFor;
      return this.deps.client.updateStatus({ ...newest, status });
    });
  }

  private async tried(
    message: string,
    claim: ResourceClaim,
    write: (newest: ResourceClaim) => Promise<ResourceClaim>,
  ): Promise<boolean> {
    try {
      await this.change(claim, write);
      return true;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== 'NotFound') this.deps.logger.warn(message, { claim: objectKey(claim), error: String(error) });
      return false;
    }
  }

  /** Tries anew, with the newest version, where somebody else was faster. */
  private async change(claim: ResourceClaim, write: (newest: ResourceClaim) => Promise<ResourceClaim>): Promise<void> {
    const { namespace = '', name = '', uid } = claim.metadata;
    for (let attempt = 1; ; attempt++) {
      try {
        const newest = await this.deps.client.get(namespace, name);
        if (newest.metadata.uid !== uid) throw new Error(`claim ${name} got replaced in the meantime`);
        const written = await write(newest);
        this.deps.view.keep(written);
        return;
      } catch (error) {
        if (reasonOf(error) !== 'Conflict' || attempt === mostTries) throw error;
      }
    }
  }
}
