import type { KubeObject } from '@reckon/api/machinery';
import type { ListOptions, ResourceRef, RestClient } from '@reckon/client/rest';
import type { Logger, Random, Running, Timers } from '@reckon/kernel';
import { Informer } from './informer';
import type { SharedObjects } from './shared-objects';

export interface InformerScope extends Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
  readonly namespace?: string;
}

/** One informer per collection and selector, shared by all who ask (client-go/informers.SharedInformerFactory). */
export class InformerFactory implements Running {
  private readonly informers = new Map<string, Informer>();
  private started = false;

  constructor(
    readonly rest: RestClient,
    private readonly deps: {
      readonly timers: Timers;
      readonly random: Random;
      readonly logger: Logger;
      /** Shared with the other factories of this process. */
      readonly objects?: SharedObjects;
    },
  ) {}

  /** Asked for after `start`, it starts at once. */
  informer<T extends KubeObject>(ref: ResourceRef, scope: InformerScope = {}): Informer<T> {
    const key = keyOf(ref, scope);
    let informer = this.informers.get(key);
    if (informer === undefined) {
      const { namespace, ...selectors } = scope;
      informer = new Informer({
        client: this.rest.resource(ref),
        selectors,
        ...(namespace === undefined ? {} : { namespace }),
        ...this.deps,
      });
      this.informers.set(key, informer);
      if (this.started) informer.start();
    }
    return informer as unknown as Informer<T>;
  }

  /** The informer of all objects of a collection, if anyone has asked for it. */
  existing(ref: ResourceRef): Informer | undefined {
    return this.informers.get(keyOf(ref, {}));
  }

  start(): void {
    this.started = true;
    for (const informer of this.informers.values()) informer.start();
  }

  /** Resolves when every informer known now has synced, or at once when aborted. */
  async waitForSync(signal?: AbortSignal): Promise<void> {
    const all = Promise.all([...this.informers.values()].map((i) => i.synced));
    if (signal === undefined) await all;
    else
      await Promise.race([
        all,
        new Promise((resolve) => {
          if (signal.aborted) resolve(undefined);
          signal.addEventListener('abort', resolve, { once: true });
        }),
      ]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.informers.values()].map((i) => i.stop()));
  }
}

const keyOf = (ref: ResourceRef, scope: InformerScope): string =>
  `${ref.group}/${ref.version}/${ref.resource}?${JSON.stringify(scope)}`;
