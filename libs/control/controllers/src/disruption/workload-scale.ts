import {
  type KubeObject,
  type OwnerReference,
  controllerOf,
  groupResourceName,
  parseApiVersion,
  reasonOf,
} from '@reckon/api/machinery';
import type { autoscalingv1 } from '@reckon/api/types';
import type { InformerFactory, Informer } from '@reckon/client/cache';
import { type ResourceRef, type RestClient, refs, resourcePath } from '@reckon/client/rest';
import { ServedKinds, UnknownKindError } from '../garbage-collector/served-kinds';
import type { ControllerContext } from '../controller-context';

/** The scale of a pod's controller cannot be known; the message is what a user reads in the budget's condition. */
export class UnknownScaleError extends Error {
  readonly code = 'UnknownScale';
}

export interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

interface Scaled extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}

/** Kinds whose objects are in a cache anyway; every other is asked for its scale. Groups are those of all times. */
const workloads = [
  { ref: refs.replicationControllers, groups: [''] },
  { ref: refs.replicaSets, groups: ['apps', 'extensions'] },
  { ref: refs.deployments, groups: ['apps', 'extensions'] },
  { ref: refs.statefulSets, groups: ['apps'] },
] as const satisfies readonly { readonly ref: ResourceRef; readonly groups: readonly string[] }[];

/** How many pods the controller of a pod wants: that of the Deployment rather than of its ReplicaSet (`DisruptionController.finders`). */
export class WorkloadScales {
  readonly informers: readonly Informer<Scaled>[];
  private readonly kinds: ServedKinds;

  constructor(
    private readonly rest: RestClient,
    informers: InformerFactory,
    clock: ControllerContext['clock'],
  ) {
    this.informers = workloads.map(({ ref }) => informers.informer<Scaled>(ref));
    this.kinds = new ServedKinds(rest, clock, () => undefined);
  }

  /** Undefined: there is no such controller, or a namesake. Throws `UnknownScaleError` where the kind has no scale. */
  async of(owner: OwnerReference, namespace: string): Promise<Scale | undefined> {
    const group = groupOf(owner);
    const found = this.cached(owner, group, namespace);
    if (found !== undefined) {
      const above = owner.kind === 'ReplicaSet' ? controllerOf(found) : undefined;
      // A ReplicaSet whose Deployment is not known goes by its own scale, as if it were asked for.
      const deployment = above?.kind === 'Deployment' ? this.cached(above, groupOf(above), namespace) : undefined;
      return scaleOf(deployment ?? found);
    }
    return this.ask(owner, namespace);
  }

  private cached({ kind, name, uid }: OwnerReference, group: string, namespace: string): Scaled | undefined {
    const at = workloads.findIndex((w) => w.ref.kind === kind && (w.groups as readonly string[]).includes(group));
    const object = this.informers[at]?.lister.get(namespace, name);
    return object?.metadata.uid === uid ? object : undefined;
  }

  private async ask(owner: OwnerReference, namespace: string): Promise<Scale | undefined> {
    const ref = await this.kinds.find(owner.apiVersion, owner.kind).catch((error: unknown) => {
      if (!(error instanceof UnknownKindError)) throw error;
      throw new UnknownScaleError(`no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`, {
        cause: error,
      });
    });
    try {
      const path = resourcePath(ref, namespace, owner.name, 'scale');
      const scale = await this.rest.request<autoscalingv1.Scale>('GET', path);
      return scale.metadata.uid === owner.uid ? scaleOf(scale) : undefined;
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
      if (await this.hasScale(ref)) return undefined;
      throw new UnknownScaleError(`${groupResourceName(ref)} does not implement the scale subresource`, {
        cause: error,
      });
    }
  }

  /** Whether it is the object that was not found, or the subresource. */
  private async hasScale({ group, version, resource }: ResourceRef): Promise<boolean> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const list = await this.rest.request<{ readonly resources?: readonly { readonly name: string }[] }>('GET', path);
    return list.resources?.some(({ name }) => name === `${resource}/scale`) ?? false;
  }
}

const groupOf = ({ apiVersion }: OwnerReference): string => parseApiVersion(apiVersion)?.group ?? apiVersion;

const scaleOf = ({ metadata, spec }: Pick<Scaled, 'metadata' | 'spec'>): Scale => ({
  uid: metadata.uid ?? '',
  replicas: spec?.replicas ?? 1,
});
