import { hostname } from 'node:os';
import type { RestClient } from '@reckon/client/rest';
import { LeaderElector, type Leading } from '@reckon/control/runtime';
import type { Running } from '@reckon/kernel';
import type { HealthCheck } from '@reckon/serve/http';
import type { AgentBasics } from '../agents/agent-basics';
import { OptionError } from '../option-error';

export interface LeaderElectionFlags {
  readonly 'leader-elect': boolean;
  readonly 'leader-elect-lease-duration': number;
  readonly 'leader-elect-renew-deadline': number;
  readonly 'leader-elect-retry-period': number;
  readonly 'leader-elect-resource-name': string;
  readonly 'leader-elect-resource-namespace': string;
}

export interface Elected extends Running {
  readonly health: readonly HealthCheck[];
}

/**
 * Starts `lead` at once, or, with `--leader-elect`, when the lease is ours. A lease that was lost ends the program, as upstream's
 * components do: whoever restarts it makes a candidate of it again.
 */
export async function startElected(options: {
  readonly flags: LeaderElectionFlags;
  readonly rest: RestClient;
  readonly basics: AgentBasics;
  readonly lead: () => Promise<Leading>;
  readonly fail: (error: Error) => void;
}): Promise<Elected> {
  const { flags, rest, basics, lead, fail } = options;
  if (!flags['leader-elect']) {
    const running = await lead();
    return { health: [], stop: () => running.stop() };
  }
  const [leaseMs, renewDeadlineMs, retryMs] = [
    flags['leader-elect-lease-duration'],
    flags['leader-elect-renew-deadline'],
    flags['leader-elect-retry-period'],
  ];
  for (const flag of ['leader-elect-resource-name', 'leader-elect-resource-namespace'] as const)
    if (flags[flag] === '')
      throw new OptionError(
        `--${flag} is empty`,
        'a candidate needs a lease to hold; leave the flag out for the usual one',
      );
  // client-go/tools/leaderelection NewLeaderElector.
  if (leaseMs <= renewDeadlineMs)
    throw new OptionError(
      '--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline',
      'upstream takes 15s and 10s',
    );
  if (renewDeadlineMs <= 1.2 * retryMs || retryMs < 1)
    throw new OptionError(
      '--leader-elect-renew-deadline must be greater than 1.2 times --leader-elect-retry-period',
      'upstream takes 10s and 2s',
    );
  const name = flags['leader-elect-resource-name'];
  const master = basics.metrics.gauge(
    'leader_election_master_status',
    'Whether this one holds the lease: 1 if it does, 0 if another may.',
    ['name'],
  );
  const isMaster = master.of(name);
  const slow = basics.metrics
    .counter('leader_election_slowpath_total', 'Renewals for which the lease had to be read first.', ['name'])
    .of(name);
  const elector = new LeaderElector({
    ...basics,
    rest,
    namespace: flags['leader-elect-resource-namespace'],
    name,
    identity: `${hostname()}_${basics.random.uuid()}`,
    leaseMs,
    renewDeadlineMs,
    retryMs,
    lead: async () => {
      basics.logger.info('became leader', { lease: name });
      isMaster(1);
      try {
        return await lead();
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
        return { stop: () => Promise.resolve() };
      }
    },
    onSlowRenewal: () => {
      slow(1);
    },
    onLost: () => {
      isMaster(0);
      fail(new Error(`the lease ${name} was lost: another may lead now`));
    },
  });
  elector.start();
  return {
    // As upstream's watchdog: a candidate is well, and so is a leader; one that cannot renew ends.
    health: [{ name: 'leaderElection', check: () => undefined }],
    stop: () => elector.stop(),
  };
}
