import type { AuthorizeJob, AuthorizeResult } from './authorize/authorize';
import type { Job, JobResult } from './load/load';
import { ask, cpuSeconds, residentMegabytes } from './processes';
import type { Figure, Figures } from './rows';
import type { Server } from './servers';

export interface MeasureOptions {
  readonly load: string;
  readonly wants: (id: string) => boolean;
  /** Of each measured run; a row takes the middle one of `rounds`. */
  readonly seconds: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
  /** Takes what could not be measured, and why. */
  readonly problems: string[];
}

export interface Contestant {
  /** `beside`: another server. */
  readonly name: 'floor' | 'reckon' | 'beside';
  readonly server: Server;
}

const podCount = 5000;

/** Undefined where there is nothing to measure. */
type Work = (server: Server, round: number) => Figure | undefined | Promise<Figure>;

/**
 * Runs the wanted rows on all servers. Within a row the servers take turns, round by round: what else the machine does then falls on
 * both alike, and a ratio holds where the figures do not.
 */
export async function measure(
  contestants: readonly Contestant[],
  options: MeasureOptions,
): Promise<Record<Contestant['name'], Figures>> {
  const { wants, seconds, say, problems } = options;
  const figures: Record<Contestant['name'], Record<string, Figure>> = { floor: {}, reckon: {}, beside: {} };

  /** A row that fails on a server is told and leaves the rest alone. */
  const row = async (id: string, rounds: number, work: Work): Promise<void> => {
    if (!wants(id)) return;
    const seen = new Map<string, Figure[]>();
    for (let round = 0; round < rounds; round++)
      for (const { name, server } of contestants) {
        if (problems.some((problem) => problem.startsWith(`${id} of ${name}`))) continue;
        try {
          const figure = await work(server, round);
          if (figure !== undefined) seen.set(name, [...(seen.get(name) ?? []), figure]);
        } catch (error) {
          problems.push(`${id} of ${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    for (const { name } of contestants) {
      const figure = middle(seen.get(name) ?? []);
      if (figure === undefined) continue;
      figures[name][id] = figure;
      say(`  ${id} of ${name}: ${figure.value.toFixed(1)}`);
    }
  };
  const load =
    (job: (round: number) => Job): Work =>
    (server, round) =>
      run(options.load, server, job(round));
  const resident: Work = ({ started }) =>
    started === undefined ? undefined : { value: residentMegabytes(started.program.process.pid ?? 0) };

  await row('readyz', 1, ({ started }) => (started === undefined ? undefined : { value: started.readyzMs }));
  await row('ready', 1, ({ started }) => (started === undefined ? undefined : { value: started.readyMs }));
  if (wants('idle-memory')) await new Promise((resolve) => setTimeout(resolve, 1000));
  await row('idle-memory', 1, resident);
  // 5,000 pods named `p-…` are what the rows below read; those of `create` come last and are extra.
  if (['get', 'patch', 'list', 'memory'].some(wants))
    for (const { name, server } of contestants)
      await run(options.load, server, { kind: 'create', seconds: 120, prefix: 'p', total: podCount }).catch(
        (error: unknown) => problems.push(`${String(podCount)} pods of ${name}: ${String(error)}`),
      );
  await row('memory', 1, resident);
  // After the pods, as all that follows: on a server whose code is compiled. One run is over in less than a second, so it takes more
  // of them to tell anything.
  await row(
    'watch',
    options.rounds * 2 + 1,
    load((i) => ({ kind: 'watch', watchers: 100, creates: 500, prefix: `w${String(i)}` })),
  );
  await row(
    'list',
    options.rounds,
    load(() => ({ kind: 'list', times: 5 })),
  );
  for (const kind of ['get', 'patch'] as const)
    await row(
      kind,
      options.rounds,
      load(() => ({ kind, seconds, prefix: 'p', pods: podCount })),
    );
  await row(
    'create',
    options.rounds,
    load((i) => ({ kind: 'create', seconds, prefix: `c${String(i)}` })),
  );
  return figures;
}

/** The one row that needs nodes. */
export function measureReplicaSet(server: Server, options: MeasureOptions): Promise<Figure> {
  return run(options.load, server, { kind: 'replicaset', nodes: 100, replicas: 1000, patienceSeconds: 60 });
}

/** What a large cluster costs that has nothing to do: leases and statuses. The first minute, in which all register, does not count. */
export async function measureIdleNodes(server: Server): Promise<Figures> {
  const pid = server.started?.program.process.pid ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  const [cpu, at] = [cpuSeconds(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  const percent = ((cpuSeconds(pid) - cpu) / ((performance.now() - at) / 1000)) * 100;
  return { 'thousand-cpu': { value: percent }, 'thousand-memory': { value: residentMegabytes(pid) } };
}

/** Authorization alone: it needs no server, and no floor has its like. */
export async function measureManyBindings(script: string): Promise<Figures> {
  const job: AuthorizeJob = { bindings: 100_000, callers: 1_000, requests: 200_000, moreBindings: 2_000 };
  const result = (await ask(script, job)) as AuthorizeResult;
  if ('error' in result) throw new Error(result.error);
  return result.figures;
}

async function run(script: string, server: Server, job: Job): Promise<Figure> {
  const result = (await ask(script, { target: server.target, job })) as JobResult;
  if ('error' in result) throw new Error(result.error);
  return result.figure;
}

function middle(figures: readonly Figure[]): Figure | undefined {
  const sorted = [...figures].sort((a, b) => a.value - b.value);
  return sorted[sorted.length >> 1];
}
