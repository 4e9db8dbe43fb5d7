import type { GroupResource, KubeObject } from '@reckon/api/machinery';
import { type Evaluator, builtinEvaluators, counted, evaluatorOf } from '@reckon/api/quota';
import { Informer } from '@reckon/client/cache';
import type { Running } from '@reckon/kernel';
import type { ControllerContext } from '../controller-context';
import { type DiscoveredResource, discoverResources, supports } from '../discovery/discover-resources';

/** The objects of one kind, and what they count for. */
export interface Source {
  readonly evaluator: Evaluator;
  readonly informer: Pick<Informer, 'lister' | 'synced' | 'hasSynced' | 'revision'>;
  /** Asks the server: all that there are now in the namespace. */
  readonly list: (namespace: string, signal: AbortSignal) => Promise<readonly KubeObject[]>;
}

interface Followed extends Source {
  readonly informer: Informer;
  /** An informer that others use too is not ours to stop. */
  readonly isShared: boolean;
  /** A shared informer cannot forget a handler: the handler looks here. */
  isOn: boolean;
}

/** Something happened that may count: an object came or went (`old` is undefined), or changed. */
export type Changed = (evaluator: Evaluator, object: KubeObject, old: KubeObject | undefined) => void;

type Parts = Pick<ControllerContext, 'rest' | 'informers' | 'clock' | 'timers' | 'random' | 'logger'>;

/** Asked for kinds that do not exist, the server is not asked again sooner than this. */
const refreshAtMostEveryMs = 1_000;

const keyOf = ({ group, resource }: GroupResource): string => `${group}/${resource}`;

/** Of these more than their number counts, so their objects must be known whole. */
const isMeasured = ({ group, resource }: GroupResource): boolean =>
  ['/pods', '/services', '/persistentvolumeclaims', 'resource.k8s.io/resourceclaims'].includes(
    keyOf({ group, resource }),
  );

const isQuotable = (resource: DiscoveredResource): boolean =>
  resource.namespaced && supports(resource, 'create', 'delete', 'list', 'watch');

/**
 * Caches of the kinds that quotas name, and of no others: upstream's `QuotaMonitor` follows every kind there is, which costs a watch each
 * in every cluster, most of which have no quota.
 */
export class QuotaSources implements Running {
  private readonly followed = new Map<string, Followed>();
  private served = new Map<string, DiscoveredResource>();
  private discoveredMs = -Infinity;
  private discovering: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly parts: Parts,
    private readonly changed: Changed,
  ) {}

  /** The sources of what a quota names so; what nobody serves has none. They may not have synced. */
  async of(names: readonly string[]): Promise<Source[]> {
    const wanted = kindsOf(names);
    const isKnown = wanted.every((kind) => this.served.has(keyOf(kind)));
    if (!isKnown && this.parts.clock.nowMs() - this.discoveredMs >= refreshAtMostEveryMs) await this.discover();
    return wanted.flatMap((kind) => this.follow(kind) ?? []);
  }

  /** Reads again what is served, and lets go what is not served or not named any more. */
  async refresh(names: readonly string[]): Promise<void> {
    await this.discover();
    const wanted = new Set(kindsOf(names).map(keyOf));
    for (const key of [...this.followed.keys()]) if (!wanted.has(key) || !this.served.has(key)) this.drop(key);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    const own = [...this.followed.values()].filter(({ isShared }) => !isShared);
    for (const followed of this.followed.values()) followed.isOn = false;
    this.followed.clear();
    await Promise.all(own.map(({ informer }) => informer.stop()));
  }

  private follow(kind: GroupResource): Source | undefined {
    const key = keyOf(kind);
    const known = this.followed.get(key);
    if (known !== undefined) return known;
    const resource = this.served.get(key);
    const evaluator = evaluatorOf(kind);
    if (resource === undefined || evaluator === undefined || this.isStopped) return undefined;
    const { rest, informers, timers, random, logger } = this.parts;
    const shared = isMeasured(kind) ? informers.informer(resource) : informers.existing(resource);
    const informer = shared ?? new Informer({ client: rest.metadata(resource), timers, random, logger });
    const client = isMeasured(kind) ? rest.resource(resource) : rest.metadata(resource);
    const list: Source['list'] = async (namespace, signal) => (await client.list(namespace, {}, signal)).items;
    const followed: Followed = { evaluator, informer, list, isShared: shared !== undefined, isOn: true };
    this.followed.set(key, followed);
    const tell = (object: KubeObject, old?: KubeObject): void => {
      if (followed.isOn) this.changed(evaluator, object, old);
    };
    informer.addHandler({
      add: (object) => tell(object),
      ...(isMeasured(kind) ? { update: (old: KubeObject, object: KubeObject) => tell(object, old) } : {}),
      delete: (object) => tell(object),
    });
    if (shared === undefined) informer.start();
    return followed;
  }

  private drop(key: string): void {
    const followed = this.followed.get(key);
    if (followed === undefined) return;
    this.followed.delete(key);
    followed.isOn = false;
    if (!followed.isShared)
      followed.informer.stop().catch((error: unknown) => {
        this.parts.logger.warn('monitor did not stop', { resource: key, error: String(error) });
      });
  }

  private discover(): Promise<void> {
    this.discovering ??= this.read().finally(() => {
      this.discovering = undefined;
    });
    return this.discovering;
  }

  private async read(): Promise<void> {
    const resources = await discoverResources(this.parts.rest);
    this.discoveredMs = this.parts.clock.nowMs();
    this.served = new Map(resources.filter(isQuotable).map((resource) => [keyOf(resource), resource]));
  }
}

/** The kinds that these names of limits speak of, each once. */
function kindsOf(names: readonly string[]): GroupResource[] {
  const kinds = new Map<string, GroupResource>();
  for (const name of names) {
    const kind = counted(name) ?? builtinEvaluators.find((evaluator) => evaluator.measures(name));
    if (kind !== undefined) kinds.set(keyOf(kind), { group: kind.group, resource: kind.resource });
  }
  return [...kinds.values()];
}
