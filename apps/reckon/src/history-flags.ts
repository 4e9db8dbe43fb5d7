import {
  apiHistory,
  HistoryError,
  type HistoryScope,
  type HistorySource,
  type Moment,
  parseMoment,
  resolveArguments,
} from '@reckon/history';
import { readKubeconfig, RestClient } from '@reckon/client/rest';
import { openLogHistory } from '@reckon/compose/history';
import { systemClock, systemTimers } from '@reckon/kernel';
import { findKubeconfig, type KubeconfigFlags } from './history-kubeconfig';
import { reachedSource } from './reached-source';

export interface SourceFlags extends KubeconfigFlags {
  readonly dataDir?: string;
  readonly encryptionProviderConfig?: string;
}

export interface ScopeFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
}

export interface OpenSource {
  readonly source: HistorySource;
  /** Namespace of the context. */
  readonly namespace: string;
}

/** The history that the flags name: of a data directory, else of a cluster with the rights of the caller. */
export async function openSource(flags: SourceFlags): Promise<OpenSource> {
  if (flags.dataDir !== undefined) {
    return { source: await openLogHistory(flags.dataDir, flags.encryptionProviderConfig), namespace: 'default' };
  }
  const { config, files } = findKubeconfig(flags, process.env);
  const client = readKubeconfig(config, files, { userAgent: 'reckon' });
  const rest = new RestClient(client, { clock: systemClock, timers: systemTimers });
  const source = reachedSource(apiHistory(rest, { timers: systemTimers }), client.server);
  return { source, namespace: client.namespace ?? 'default' };
}

/** What `kind[/name]…` and the namespace flags name; empty for everything. */
export async function scopesOf(
  { source, namespace }: OpenSource,
  args: readonly string[],
  flags: ScopeFlags,
): Promise<HistoryScope[]> {
  if (args.length === 0) return [];
  const named = resolveArguments(await source.resources(), args);
  const wanted = flags.allNamespaces === true ? '' : (flags.namespace ?? namespace);
  if (wanted === '' && named.some(({ name, resource }) => name !== '' && resource.namespaced))
    throw new HistoryError(
      'BadName',
      'a name is of one namespace',
      'Name the namespace with -n, or leave the name out.',
    );
  return named.map(({ resource, name }) => ({ resource, name, namespace: resource.namespaced ? wanted : '' }));
}

/** A moment as the parameters of a request: bounds include it. */
export function rangeOf(since: string | undefined, until: string | undefined) {
  const from = since === undefined ? undefined : parseMoment(since, systemClock.nowMs());
  const to = until === undefined ? undefined : parseMoment(until, systemClock.nowMs());
  return {
    ...(from === undefined
      ? {}
      : from.kind === 'time'
        ? { sinceMs: from.ms }
        : { after: Math.max(0, from.revision - 1), gaps: true }),
    ...(to === undefined ? {} : to.kind === 'time' ? { untilMs: to.ms } : { to: to.revision }),
  };
}

export function isMoment(text: string): boolean {
  return momentOf(text) !== undefined;
}

export function momentOf(text: string): Moment | undefined {
  try {
    return parseMoment(text, systemClock.nowMs());
  } catch (error) {
    if (error instanceof HistoryError) return undefined;
    throw error;
  }
}

/** Throws where no such revision is in the log yet. */
export function demandReached(revision: number, head: number): void {
  if (revision > head)
    throw new HistoryError(
      'BadMoment',
      `revision ${String(revision)} is not there yet`,
      `The newest is ${String(head)}.`,
    );
}
