import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import { type ListOptions, type ResourceClient, watchEventOf } from '@reckon/client/rest';
import type { Logger, Random, Timers } from '@reckon/kernel';
import { Backoff } from './backoff';

/** Receives what a reflector sees, in order. */
export interface ReflectorSink<T> {
  /** The whole collection at one revision, after a list. */
  replace(items: readonly T[]): void;
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** All that happened up to this revision has been told. */
  reached?(resourceVersion: string): void;
}

export interface ReflectorOptions<T> {
  readonly client: ResourceClient<T>;
  readonly namespace: string;
  readonly selectors: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>;
  readonly sink: ReflectorSink<T>;
  /** Reads the object of a watch event; JSON.parse by default. */
  readonly parse?: (text: string) => unknown;
  /** Path of a member of each object that a watch need not read: null stands for it. */
  readonly unread?: readonly string[];
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const pageSize = 500;
/** A watch that ends sooner and brought nothing has failed: a server that ends every watch at once must not be asked in a tight loop. */
const shortWatchMs = 1000;
const watchSeconds = { least: 300, spread: 300 };
/** How often a collection that is not served is looked for: kinds may appear while we run. */
const absentMs = 30_000;

/**
 * Keeps a sink in step with a collection (client-go/tools/cache.Reflector): lists, then watches from the list's revision; a watch
 * that ends or breaks is opened again from the last revision seen (bookmarks move it on), so a server that restarts sees no relist
 * storm; only 410 (Expired, Gone) leads to a new list. A collection that the server does not serve is told once and looked for every
 * half minute or so: not synced until it appears. One that may not be read is told once too, and asked for again as after any failure.
 *
 * Resolves when the signal is aborted; never rejects.
 */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(options.random);
  let position: string | undefined;
  let isAbsent = false;
  let isRefused = false;
  while (!signal.aborted) {
    try {
      if (position === undefined) {
        position = await listAll(options, signal);
        isAbsent = false;
        isRefused = false;
        backoff.reset();
      }
      let isFruitful = false;
      const cancelShort = options.timers.after(shortWatchMs, () => {
        isFruitful = true;
        backoff.reset();
      });
      try {
        for await (const lines of watchFrom(options, position, signal))
          for (const line of lines) {
            if (isAborted(signal)) return;
            const { type, object } = watchEventOf<T>(line, options.parse, options.unread);
            position = object.metadata.resourceVersion ?? position;
            if (type !== 'BOOKMARK') {
              isFruitful = true;
              backoff.reset();
              options.sink.apply(type, object);
            }
            options.sink.reached?.(position);
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
      if (reason === 'NotFound' || (reason === 'Forbidden' && (await isNotServed(options, signal)))) {
        if (!isAbsent)
          options.logger.info('not served, looking again from time to time', { resource: nameOf(options) });
        isAbsent = true;
        // A collection that comes back begins anew.
        position = undefined;
        await options.timers.sleep(absentMs * (1 + options.random.float()), signal);
        continue;
      }
      const isNewRefusal: boolean = reason === 'Forbidden' && !isRefused;
      isRefused ||= isNewRefusal;
      // Somebody must grant what is missing; all else passes by itself.
      options.logger[isNewRefusal ? 'warn' : 'debug']('list or watch failed', {
        resource: nameOf(options),
        error: String(error),
      });
      await options.timers.sleep(backoff.next(), signal);
    }
  }
}

/** What is refused may not be there at all; a server that does not tell counts as one that has it. */
async function isNotServed<T>({ client }: ReflectorOptions<T>, signal: AbortSignal): Promise<boolean> {
  try {
    return !(await client.isServed(signal));
  } catch {
    // Its documents may be refused too: then the first refusal stands.
    return false;
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
    const { resourceVersion = '' } = page.metadata;
    options.sink.reached?.(resourceVersion);
    return resourceVersion;
  }
}

function watchFrom<T extends KubeObject>(
  options: ReflectorOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Buffer[]> {
  return options.client.watchLines(options.namespace, {
    ...options.selectors,
    resourceVersion,
    allowWatchBookmarks: true,
    timeoutSeconds: watchSeconds.least + options.random.int(watchSeconds.spread),
    signal,
  });
}

/** `poddisruptionbudgets.policy` */
const nameOf = ({ client: { ref } }: { readonly client: Pick<ResourceClient, 'ref'> }): string =>
  ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`;

/** A function, because the compiler takes `signal.aborted` for constant within a loop body. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
