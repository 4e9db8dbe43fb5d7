import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { ListOptions, ResourceClient } from '@reckon/client/rest';
import type { Logger, Random, Timers } from '@reckon/kernel';
import { Backoff } from './backoff';

/** Receives what a reflector sees, in order. */
export interface ReflectorSink<T> {
  /** The whole collection at one revision, after a list. */
  replace(items: readonly T[]): void;
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
}

export interface ReflectorOptions<T> {
  readonly client: ResourceClient<T>;
  readonly namespace: string;
  readonly selectors: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>;
  readonly sink: ReflectorSink<T>;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const pageSize = 500;
/** A watch that ends sooner and brought nothing has failed: a server that ends every watch at once must not be asked in a tight loop. */
const shortWatchMs = 1000;
const watchSeconds = { least: 300, spread: 300 };

/**
 * Keeps a sink in step with a collection (client-go/tools/cache.Reflector): lists, then watches from the list's revision; a watch
 * that ends or breaks is opened again from the last revision seen (bookmarks move it on), so a server that restarts sees no relist
 * storm; only 410 (Expired, Gone) leads to a new list.
 *
 * Resolves when the signal is aborted; never rejects.
 */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(options.random);
  let position: string | undefined;
  while (!signal.aborted) {
    try {
      if (position === undefined) {
        position = await listAll(options, signal);
        backoff.reset();
      }
      let isFruitful = false;
      const cancelShort = options.timers.after(shortWatchMs, () => {
        isFruitful = true;
        backoff.reset();
      });
      try {
        for await (const event of watchFrom(options, position, signal)) {
          position = event.object.metadata.resourceVersion ?? position;
          if (event.type === 'BOOKMARK') continue;
          isFruitful = true;
          backoff.reset();
          options.sink.apply(event.type, event.object);
        }
      } finally {
        cancelShort();
      }
      if (!isFruitful) await options.timers.sleep(backoff.next(), signal);
    } catch (error) {
      if (isAborted(signal)) return;
      const reason = reasonOf(error);
      if (reason === 'Expired' || reason === 'Gone') {
        position = undefined;
        continue;
      }
      options.logger.debug('list or watch failed', { resource: options.client.ref.resource, error: String(error) });
      await options.timers.sleep(backoff.next(), signal);
    }
  }
}

async function listAll<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<string> {
  const items: T[] = [];
  let token = '';
  for (;;) {
    const page = await options.client.list(
      options.namespace,
      { ...options.selectors, limit: pageSize, ...(token === '' ? {} : { continue: token }) },
      signal,
    );
    items.push(...page.items);
    token = page.metadata.continue ?? '';
    if (token !== '') continue;
    options.sink.replace(items);
    return page.metadata.resourceVersion ?? '';
  }
}

function watchFrom<T extends KubeObject>(options: ReflectorOptions<T>, resourceVersion: string, signal: AbortSignal) {
  return options.client.watch(options.namespace, {
    ...options.selectors,
    resourceVersion,
    allowWatchBookmarks: true,
    timeoutSeconds: watchSeconds.least + options.random.int(watchSeconds.spread),
    signal,
  });
}

/** A function, because the compiler takes `signal.aborted` for constant within a loop body. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
