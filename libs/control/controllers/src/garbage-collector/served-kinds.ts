import { apiVersionOf } from '@reckon/api/machinery';
import { discover, type RestClient } from '@reckon/client/rest';
import type { Clock } from '@reckon/kernel';
import { type DiscoveredResource, preferredOf, supports } from '../discovery/discover-resources';

/** A kind that the server does not serve (yet): whoever asked tries again later. */
export class UnknownKindError extends Error {
  readonly code = 'UnknownKind';
}

/** Asked for kinds that do not exist, the server is not asked again sooner than this. */
const refreshAtMostEveryMs = 1_000;

/** Events are many, short-lived and own nothing. */
const isIgnored = ({ group, resource }: DiscoveredResource): boolean =>
  resource === 'events' && (group === '' || group === 'events.k8s.io');

/** What the server serves, by kind (`RESTMapper`). Kinds come and go while it runs: `refresh` reads the documents again. */
export class ServedKinds {
  private byKind = new Map<string, DiscoveredResource>();
  private preferred: readonly DiscoveredResource[] = [];
  private refreshedMs = -Infinity;
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly rest: RestClient,
    private readonly clock: Clock,
    /** Called after each reading of the documents. */
    private readonly changed: (kinds: ServedKinds) => void,
  ) {}

  /** Those that take part: everything that can be listed, watched and deleted. */
  get collectable(): DiscoveredResource[] {
    return this.preferred.filter((resource) => supports(resource, 'delete', 'list', 'watch') && !isIgnored(resource));
  }

  /** The resource of a kind in exactly this version. A kind that is not known is looked for; throws `UnknownKindError`. */
  async find(apiVersion: string, kind: string): Promise<DiscoveredResource> {
    const key = `${apiVersion}/${kind}`;
    if (!this.byKind.has(key) && this.clock.nowMs() - this.refreshedMs >= refreshAtMostEveryMs) await this.refresh();
    const found = this.byKind.get(key);
    if (found === undefined) throw new UnknownKindError(`unable to get REST mapping for ${key}.`);
    return found;
  }

  refresh(): Promise<void> {
    this.refreshing ??= this.read().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async read(): Promise<void> {
    const versions = await discover(this.rest);
    this.refreshedMs = this.clock.nowMs();
    this.byKind = new Map(versions.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]));
    this.preferred = preferredOf(versions);
    this.changed(this);
  }
}
