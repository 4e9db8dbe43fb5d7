import { InformerFactory, type SharedObjects } from '@reckon/client/cache';
import type { RestClient } from '@reckon/client/rest';
import { EventBroadcaster, type Leading } from '@reckon/control/runtime';
import { type Running, RunningSet } from '@reckon/kernel';
import type { ControllerContext } from './controller-context';
import { controllerTable } from './table';

export interface ControllersOptions extends Omit<ControllerContext, 'rest' | 'informers' | 'recorder'> {
  /** The manager's own client: informers, and controllers without an account of their own. */
  readonly rest: RestClient;
  /** The client of a controller's ServiceAccount; by default the manager's own. */
  readonly restOf?: (serviceAccount: string) => RestClient;
  /** Shared with the other informers of this process. */
  readonly objects?: SharedObjects;
  /** Whether the controller of this name runs; all do by default. */
  readonly isWanted?: (name: string) => boolean;
}

/** Starts every controller of the table on shared informers. Does not wait until they are in step. */
export function startControllers(options: ControllersOptions): Leading {
  const running = new RunningSet();
  const recorders: Running[] = [];
  const controllers: Running[] = [];
  const informers = running.add(new InformerFactory(options.rest, options));
  for (const row of controllerTable) {
    if (options.isWanted?.(row.name) === false) continue;
    const rest =
      row.serviceAccount === undefined || options.restOf === undefined
        ? options.rest
        : options.restOf(row.serviceAccount);
    const context: ControllerContext = {
      ...options,
      rest,
      informers,
      logger: options.logger.with({ controller: row.name }),
      recorder: (component) => {
        const recorder = new EventBroadcaster({ ...options, rest, component });
        recorders.push(recorder);
        return recorder;
      },
    };
    controllers.push(row.start(context));
  }
  informers.start();
  const quiet = (): Promise<void> => stopAll(controllers);
  running.add({ stop: () => stopAll(recorders) });
  running.add({ stop: quiet });
  return { quiet, stop: () => running.stop() };
}

/** At the same time: as long as one of them works, it makes work for the others. */
async function stopAll(parts: readonly Running[]): Promise<void> {
  await Promise.all(parts.map((part) => part.stop()));
}
