import { objectKey } from '@reckon/client/cache';
import type { Lister } from '@reckon/client/cache';
import type { ResourceClient } from '@reckon/client/rest';
import type { Claim, Volume } from '@reckon/control/runtime';
import { isFullyBound, revisionOf, volumeMarks } from '@reckon/control/runtime';
import type { Monotonic } from '@reckon/kernel';
import type { Pod } from '../../framework/kinds';
import type { NodeLister } from '../../framework/plugin';
import { isReachableFrom, type PodVolumes, type VolumeView } from './pod-volumes';
import type { VolumeChanges } from './volume-changes';

export interface BindVolumesDeps {
  readonly view: VolumeView;
  /** Only what the watches have brought. */
  readonly cached: { readonly volumes: Lister<Volume>; readonly claims: Lister<Claim> };
  readonly volumeClient: ResourceClient<Volume>;
  readonly claimClient: ResourceClient<Claim>;
  readonly nodes: NodeLister;
  readonly podOf: (key: string) => Pod | undefined;
  readonly changes: VolumeChanges;
  readonly clock: Monotonic;
  readonly timeoutMs: number;
}

const longestNapMs = 1_000;

/**
 * Writes what was decided and waits until the controller of volumes has done its part (`BindPodVolumes`). What is written before a
 * write fails stays: the next attempt finds it, and the volumes that are reserved for the claim.
 */
export async function bindVolumes(
  deps: BindVolumesDeps,
  pod: { readonly key: string; readonly nodeName: string },
  wanted: PodVolumes,
): Promise<void> {
  const bindings: { volume: Volume; claim: Claim }[] = [];
  for (const { volume, claim } of wanted.bindings) {
    const written = await deps.volumeClient.update(volume);
    deps.view.volumes.keep(written);
    bindings.push({ volume: written, claim });
  }
  const provisions: Claim[] = [];
  for (const claim of wanted.provisions) {
    const written = await deps.claimClient.update(claim);
    deps.view.claims.keep(written);
    provisions.push(written);
  }
  const endMs = deps.clock.elapsedMs() + deps.timeoutMs;
  while (!areBound(deps, pod, { bindings, provisions })) {
    if (deps.changes.isStopped) throw new Error('binding volumes: context canceled');
    const leftMs = endMs - deps.clock.elapsedMs();
    if (leftMs <= 0) throw new Error('binding volumes: context deadline exceeded');
    await deps.changes.next(Math.min(leftMs, longestNapMs));
  }
}

/** Throws what makes waiting pointless (`checkBindings`). */
function areBound(
  { cached, nodes, podOf }: BindVolumesDeps,
  { key, nodeName }: { readonly key: string; readonly nodeName: string },
  { bindings, provisions }: PodVolumes,
): boolean {
  const fail = (why: string): never => {
    throw new Error(`binding volumes: ${why}`);
  };
  if (podOf(key) === undefined) fail('pod does not exist any more');
  const labels = nodes.get(nodeName)?.labels ?? fail(`failed to get node "${nodeName}"`);
  const mustReach = (volume: Volume): void => {
    if (!isReachableFrom(volume, labels))
      fail(
        `pv "${volume.metadata.name ?? ''}" node affinity doesn't match node "${nodeName}": no matching NodeSelectorTerms`,
      );
  };
  for (const { volume, claim } of bindings) {
    const name = volume.metadata.name ?? '';
    const seen =
      cached.volumes.byKey(name) ?? fail(`failed to check binding: could not find v1.PersistentVolume "${name}"`);
    const owner = cached.claims.byKey(objectKey(claim)) ?? missingClaim(fail, claim);
    if (revisionOf(seen) < revisionOf(volume)) return false;
    mustReach(seen);
    if ((seen.spec?.claimRef?.uid ?? '') === '') fail(`ClaimRef got reset for pv "${name}"`);
    if (!isFullyBound(owner)) return false;
  }
  for (const claim of provisions) {
    const seen = cached.claims.byKey(objectKey(claim)) ?? missingClaim(fail, claim);
    if (revisionOf(seen) < revisionOf(claim)) return false;
    // A provisioner that cannot make the volume for this node takes the mark away.
    if (seen.metadata.annotations?.[volumeMarks.selectedNode] !== nodeName)
      fail(`provisioning failed for PVC "${claim.metadata.name ?? ''}"`);
    const volumeName = seen.spec?.volumeName ?? '';
    if (volumeName !== '') {
      const volume = cached.volumes.byKey(volumeName);
      if (volume === undefined) return false;
      mustReach(volume);
    }
    if (!isFullyBound(seen)) return false;
  }
  return true;
}

const missingClaim = (fail: (why: string) => never, claim: Claim): never =>
  fail(`failed to check binding: could not find v1.PersistentVolumeClaim "${objectKey(claim)}"`);
