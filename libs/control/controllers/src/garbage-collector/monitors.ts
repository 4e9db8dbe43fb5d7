import { type KubeObject, apiVersionOf } from '@reckon/api/machinery';
import { Informer } from '@reckon/client/cache';
import type { Running } from '@reckon/kernel';
import type { ControllerContext } from '../controller-context';
import type { DiscoveredResource } from '../discovery/discover-resources';
import type { DependencyGraph } from './dependency-graph';
import type { Identity } from './owner-identity';

interface Monitor {
  readonly informer: Informer;
  /** An informer that other controllers use too is not ours to stop. */
  readonly isShared: boolean;
  /** A shared informer cannot forget a handler: the handler looks here. */
  isOn: boolean;
}

const keyOf = ({ group, version, resource }: DiscoveredResource): string => `${group}/${version}/${resource}`;

/**
 * Feeds the graph with every collection (`GraphBuilder.resyncMonitors`): from the informer that another controller already has, else
 * from one of our own that reads metadata only.
 */
export class Monitors implements Running {
  private readonly monitors = new Map<string, Monitor>();
  private isStopped = false;

  constructor(
    private readonly context: Pick<ControllerContext, 'rest' | 'informers' | 'timers' | 'random' | 'logger'>,
    private readonly graph: DependencyGraph,
  ) {}

  /** Follows exactly these from now on. */
  follow(resources: readonly DiscoveredResource[]): void {
    if (this.isStopped) return;
    const wanted = new Set(resources.map(keyOf));
    for (const [key, monitor] of this.monitors) if (!wanted.has(key)) this.drop(key, monitor);
    for (const resource of resources) if (!this.monitors.has(keyOf(resource))) this.add(resource);
  }

  /** Resolves when all that are followed now have their first list. */
  async synced(): Promise<void> {
    await Promise.all([...this.monitors.values()].map(({ informer }) => informer.synced));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    const own = [...this.monitors.values()].filter(({ isShared }) => !isShared);
    for (const [key, monitor] of this.monitors) this.drop(key, monitor);
    await Promise.all(own.map(({ informer }) => informer.stop()));
  }

  private add(resource: DiscoveredResource): void {
    const { rest, informers, timers, random, logger } = this.context;
    const shared = informers.existing(resource);
    const informer = shared ?? new Informer({ client: rest.metadata(resource), timers, random, logger });
    const monitor: Monitor = { informer, isShared: shared !== undefined, isOn: true };
    this.monitors.set(keyOf(resource), monitor);
    const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const identity = ({ metadata }: KubeObject): Identity => ({
      ...type,
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      namespace: metadata.namespace ?? '',
    });
    informer.addHandler({
      add: (object) => {
        if (monitor.isOn) this.graph.observed(identity(object), object.metadata);
      },
      update: (old, object) => {
        if (monitor.isOn) this.graph.observed(identity(object), object.metadata, old.metadata);
      },
      delete: (object) => {
        if (monitor.isOn) this.graph.removed(object.metadata.uid ?? '');
      },
    });
    if (shared === undefined) informer.start();
  }

  private drop(key: string, monitor: Monitor): void {
    this.monitors.delete(key);
    monitor.isOn = false;
    if (!monitor.isShared)
      monitor.informer.stop().catch((error: unknown) => {
        this.context.logger.warn('monitor did not stop', { resource: key, error: String(error) });
      });
  }
}
