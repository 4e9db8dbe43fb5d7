import { type KubeObject, goQuote, parseApiVersion } from '@reckon/api/machinery';
import type { autoscalingv1, autoscalingv2 } from '@reckon/api/types';
import { discover, type RestClient, resourcePath } from '@reckon/client/rest';
import type { Clock } from '@reckon/kernel';
import type { DiscoveredResource } from '../discovery/discover-resources';

export type Scale = autoscalingv1.Scale & KubeObject;

export interface ScaleTarget {
  readonly scale: Scale;
  write(replicas: number): Promise<unknown>;
}

/** Asked for kinds that do not exist, the server is not asked again sooner than this. */
const refreshAtMostEveryMs = 1_000;

/** Scales of whatever has one (client-go/scale with a RESTMapper). */
export class ScaleTargets {
  private served: readonly DiscoveredResource[] = [];
  private readMs = -Infinity;

  constructor(
    private readonly rest: RestClient,
    private readonly clock: Clock,
  ) {}

  /** Throws Error: its message is what a user reads. */
  async of(namespace: string, ref: autoscalingv2.CrossVersionObjectReference): Promise<ScaleTarget> {
    const { apiVersion = '', kind, name } = ref;
    const parsed = parseApiVersion(apiVersion);
    if (parsed === undefined) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
    const [first, ...others] = await this.find(parsed.group, kind);
    if (first === undefined) throw noMatch(parsed.group, kind);
    return this.read(first, namespace, name).catch(async (error: unknown) => {
      for (const other of others) {
        const found = await this.read(other, namespace, name).catch(() => undefined);
        if (found !== undefined) return found;
      }
      throw error;
    });
  }

  /** The plural of a kind, whatever its version. */
  async resourceOf(group: string, kind: string): Promise<string> {
    const [first] = await this.find(group, kind);
    if (first === undefined) throw noMatch(group, kind);
    return group === '' ? first.resource : `${first.resource}.${group}`;
  }

  private async read(resource: DiscoveredResource, namespace: string, name: string): Promise<ScaleTarget> {
    const path = resourcePath(resource, namespace, name, 'scale');
    const scale = await this.rest.request<Scale>('GET', path);
    return {
      scale,
      write: (replicas) => this.rest.request('PUT', path, { body: { ...scale, spec: { ...scale.spec, replicas } } }),
    };
  }

  /** One for each resource that has the kind; its group's preferred version first. */
  private async find(group: string, kind: string): Promise<DiscoveredResource[]> {
    const known = (): DiscoveredResource[] => {
      const all = this.served.filter((resource) => resource.group === group && resource.kind === kind);
      return all.filter(({ resource }, i) => all.findIndex((other) => other.resource === resource) === i);
    };
    if (known().length === 0 && this.clock.nowMs() - this.readMs >= refreshAtMostEveryMs) {
      this.readMs = this.clock.nowMs();
      this.served = await discover(this.rest);
    }
    return known();
  }
}

const noMatch = (group: string, kind: string): Error =>
  new Error(`no matches for kind ${goQuote(kind)} in group ${goQuote(group)}`);
