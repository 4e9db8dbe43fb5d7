import { hostname } from 'node:os';
import { InformerFactory } from '@reckon/client/cache';
import type { RestClient } from '@reckon/client/rest';
import { ActionBroadcaster, type Leading } from '@reckon/control/runtime';
import { type SchedulerConfiguration, startScheduler } from '@reckon/control/scheduling';
import { RunningSet } from '@reckon/kernel';
import type { AgentBasics } from './agent-basics';

export interface SchedulerRun extends AgentBasics {
  readonly rest: RestClient;
  readonly configuration?: SchedulerConfiguration;
}

/** The scheduler, embedded or in a program of its own. */
export function runScheduler({ rest, configuration, ...basics }: SchedulerRun): Leading {
  const running = new RunningSet();
  const informers = running.add(new InformerFactory(rest, basics));
  const recorderOf = (schedulerName: string): ActionBroadcaster =>
    running.add(
      new ActionBroadcaster({
        ...basics,
        rest,
        reportingController: schedulerName,
        reportingInstance: `${schedulerName}-${hostname()}`,
      }),
    );
  const scheduler = running.add(
    startScheduler({
      ...basics,
      rest,
      informers,
      recorderOf,
      ...(configuration === undefined ? {} : { configuration }),
    }),
  );
  informers.start();
  return { quiet: () => scheduler.stop(), stop: () => running.stop() };
}
