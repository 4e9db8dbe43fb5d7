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
  const rest = openClient(flags);
  const source = reachedSource(apiHistory(rest, { timers: systemTimers }), rest.config.server);
  return { source, namespace: rest.config.namespace ?? 'default' };
}

/** A client of the cluster that the flags name, with the rights of the caller. */
export function openClient(flags: KubeconfigFlags): RestClient {
  const { config, files } = findKubeconfig(flags, process.env);
  const client = readKubeconfig(config, files, { userAgent: 'reckon' });
  return new RestClient(client, { clock: systemClock, timers: systemTimers });
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

/** A moment that a flag or an argument names; throws `HistoryError`. */
export const momentOf = (text: string): Moment => parseMoment(text, systemClock.nowMs());

/** Whether a moment is meant, be it a good one or not: no kind begins with a digit. */
export const isMoment = (text: string): boolean => /^-?\d/.test(text);

/** From one moment to another as the parameters of a request: bounds include them. */
export function rangeOf({ from, to }: { readonly from: Moment | undefined; readonly to: Moment | undefined }) {
  return {
    ...(from === undefined
      ? {}
      : from.kind === 'time'
        ? { sinceMs: from.ms }
        : { after: from.revision - 1, gaps: true }),
    ...(to === undefined ? {} : to.kind === 'time' ? { untilMs: to.ms } : { to: to.revision }),
  };
}

/** Throws where nothing can lie between two moments; a time and a revision are compared by nobody but the log. */
export function demandOrder(from: Moment | undefined, to: Moment | undefined): void {
  const isBackward =
    from?.kind === 'revision'
      ? to?.kind === 'revision' && from.revision > to.revision
      : from !== undefined && to?.kind === 'time' && from.ms > to.ms;
  if (isBackward)
    throw new HistoryError('BadMoment', '--since is after --until', 'Change them over: both ends are included.');
}

/** Throws where a revision is not in the log yet. */
export function demandReached(moment: Moment | undefined, head: number): void {
  if (moment?.kind === 'revision' && moment.revision > head)
    throw notThereYet(moment.revision, `The newest is ${String(head)}.`);
}

export const notThereYet = (revision: number, hint: string): HistoryError =>
  new HistoryError('BadMoment', `revision ${String(revision)} is not there yet`, hint);

export const noHistory = ({ resource, name }: HistoryScope): HistoryError =>
  new HistoryError(
    'BadName',
    `no history of ${resource.resource} ${JSON.stringify(name)}`,
    'The name, or the namespace (-n), is another; or it was compacted away.',
  );
