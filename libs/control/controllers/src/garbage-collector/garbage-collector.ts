import { parseApiVersion } from '@reckon/api/machinery';
import { Backoff } from '@reckon/client/cache';
import { Controller } from '@reckon/control/runtime';
import type { Running } from '@reckon/kernel';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { AbsentOwners } from './absent-owners';
import { attemptToDelete } from './attempt-to-delete';
import { attemptToOrphan } from './attempt-to-orphan';
import { DependencyGraph } from './dependency-graph';
import { Monitors } from './monitors';
import { ObjectOperations } from './object-operations';
import { identityOf, identityText } from './owner-identity';
import { ServedKinds } from './served-kinds';

/** Upstream's `--concurrent-gc-syncs`. */
const workers = 20;

/** How often the discovery documents are read again (upstream's period of `GarbageCollector.Sync`). */
const discoveryEveryMs = 30_000;

/** Work begins without collections that cannot be read, after so long. */
const syncAtMostMs = 30_000;

const retryDiscoveryMs = 1_000;

/** Deletes what nobody owns any more (pkg/controller/garbagecollector). */
export const garbageCollector: ControllerRow = {
  name: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  start(context) {
    const recorder = context.recorder('garbage-collector-controller');
    const absentOwners = new AbsentOwners();
    const graph = new DependencyGraph(
      {
        attemptToDelete: (uid) => {
          deletions.enqueue(uid);
        },
        attemptToDeleteLater: (uid) => {
          deletions.queue.addRateLimited(uid);
        },
        attemptToOrphan: (uid) => {
          orphanings.enqueue(uid);
        },
        invalidNamespace: ({ identity: { apiVersion, kind, name, uid, namespace } }, reference) => {
          const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion };
          recorder.event(
            { metadata: { name, uid, ...(namespace === '' ? {} : { namespace }) } },
            { group, version, kind },
            {
              type: 'Warning',
              reason: 'OwnerRefInvalidNamespace',
              message: `ownerRef ${identityText(identityOf(reference, namespace))} does not exist in namespace "${namespace}"`,
            },
          );
        },
      },
      absentOwners,
    );
    const monitors = new Monitors(context, graph);
    const kinds = new ServedKinds(context.rest, context.clock, ({ collectable }) => {
      monitors.follow(collectable);
    });
    const operations = new ObjectOperations(context.rest, kinds);
    const parts = {
      graph,
      absentOwners,
      kinds,
      operations,
      attemptToDelete: (uid: string) => {
        deletions.enqueue(uid);
      },
    };
    const deletions = new Controller(
      'garbage_collector_attempt_to_delete',
      (uid) => attemptToDelete(parts, uid),
      context,
      { workers },
    );
    const orphanings = new Controller(
      'garbage_collector_attempt_to_orphan',
      (uid, signal) => attemptToOrphan(graph, operations, uid, signal),
      context,
      { workers },
    );
    return run(context, { kinds, monitors, controllers: [deletions, orphanings] });
  },
};

interface RunParts {
  readonly kinds: ServedKinds;
  readonly monitors: Monitors;
  readonly controllers: readonly Controller[];
}

/** Reads discovery until it answers, lets the graph fill, then works; and reads it again for as long as it runs. */
function run({ timers, random, logger }: ControllerContext, { kinds, monitors, controllers }: RunParts): Running {
  const abort = new AbortController();
  const { signal } = abort;
  const refresh = async (): Promise<boolean> => {
    try {
      await kinds.refresh();
      return true;
    } catch (error) {
      if (!signal.aborted) logger.warn('discovery failed', { error: String(error) });
      return false;
    }
  };
  const running = (async () => {
    const backoff = new Backoff(random, { firstMs: retryDiscoveryMs, maxMs: discoveryEveryMs });
    while (!(await refresh()) && !signal.aborted) await timers.sleep(backoff.next(), signal);
    await Promise.race([monitors.synced(), timers.sleep(syncAtMostMs, signal)]);
    if (signal.aborted) return;
    for (const controller of controllers) controller.start();
    for (;;) {
      await timers.sleep(discoveryEveryMs, signal);
      if (isAborted(signal)) return;
      await refresh();
    }
  })();
  return {
    async stop() {
      abort.abort();
      await Promise.all(controllers.map((c) => c.stop()));
      await monitors.stop();
      await running;
    },
  };
}

/** A function, because the compiler takes `signal.aborted` for constant within a loop body. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
