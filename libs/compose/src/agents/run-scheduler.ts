import { hostname } from 'node:os';
import { InformerFactory } from '@reckon/client/cache';
import type { RestClient } from '@reckon/client/rest';
import { ActionBroadcaster } from '@reckon/control/runtime';
import { startScheduler } from '@reckon/control/scheduling';
import { type Running, RunningSet } from '@reckon/kernel';
import type { AgentBasics } from './agent-basics';

/** The scheduler, embedded or in a program of its own. */
export function runScheduler({ rest, ...basics }: AgentBasics & { readonly rest: RestClient }): Running {
  const running = new RunningSet();
  const informers = running.add(new InformerFactory(rest, basics));
  const recorder = running.add(
    new ActionBroadcaster({
      ...basics,
      rest,
      reportingController: 'default-scheduler',
      reportingInstance: `default-scheduler-${hostname()}`,
    }),
  );
  running.add(startScheduler({ ...basics, rest, informers, recorder }));
  informers.start();
  return running;
}
