import type { QueuedPod } from '../queue/queued-pod';
import type { Plugin } from './plugin';

/** A plugin of a profile; `weight` multiplies its score. */
export interface PluginRow {
  readonly plugin: Plugin;
  readonly weight?: number;
}

type With<K extends keyof Plugin> = Plugin & { readonly [P in K]-?: NonNullable<Plugin[P]> };

/** The plugins that serve pods of one `spec.schedulerName`, sorted out by extension point, each in the order of the table. */
export interface Profile {
  readonly schedulerName: string;
  /** Of nodes that are looked at until enough fit; undefined: as many as the size of the cluster suggests. */
  readonly percentageOfNodesToScore?: number;
  /** All that take part in anything. */
  readonly plugins: readonly Plugin[];
  /** Order of the queue; all profiles share one. */
  readonly queueSort: (a: QueuedPod, b: QueuedPod) => boolean;
  readonly preEnqueue: readonly With<'preEnqueue'>[];
  readonly preFilter: readonly With<'preFilter'>[];
  readonly filter: readonly With<'filter'>[];
  readonly postFilter: readonly With<'postFilter'>[];
  readonly preScore: readonly With<'preScore'>[];
  readonly score: readonly (With<'score'> & { readonly weight: number })[];
  readonly reserve: readonly Plugin[];
  readonly permit: readonly With<'permit'>[];
  readonly preBind: readonly With<'preBind'>[];
  readonly bind: readonly With<'bind'>[];
  readonly postBind: readonly With<'postBind'>[];
}

export type PointOfProfile = Exclude<
  keyof Profile,
  'schedulerName' | 'percentageOfNodesToScore' | 'plugins' | 'queueSort'
>;

/** A profile of plugins that take part wherever they can. */
export const profileOf = (
  schedulerName: string,
  queueSort: Profile['queueSort'],
  rows: readonly PluginRow[],
): Profile => profileByPoint({ schedulerName, queueSort }, () => rows);

/** `rowsAt`: who takes part in an extension point, in order; those who cannot are left out. */
export function profileByPoint(
  {
    schedulerName,
    queueSort,
    percentageOfNodesToScore,
  }: Pick<Profile, 'schedulerName' | 'queueSort'> & {
    readonly percentageOfNodesToScore?: number | undefined;
  },
  rowsAt: (point: PointOfProfile) => readonly PluginRow[],
): Profile {
  const plugins = new Set<Plugin>();
  const having = <K extends PointOfProfile>(point: K): With<K>[] =>
    rowsAt(point).flatMap(({ plugin }) => {
      if (plugin[point] === undefined) return [];
      plugins.add(plugin);
      return [plugin as With<K>];
    });
  const preEnqueue = having('preEnqueue');
  const score = rowsAt('score').flatMap(({ plugin, weight }) => {
    if (plugin.score === undefined) return [];
    plugins.add(plugin);
    return [Object.assign({ weight: weight ?? 1 }, plugin as With<'score'>)];
  });
  const reserve = rowsAt('reserve').flatMap(({ plugin }) => {
    if (plugin.reserve === undefined && plugin.unreserve === undefined) return [];
    plugins.add(plugin);
    return [plugin];
  });
  const points = {
    preEnqueue,
    preFilter: having('preFilter'),
    filter: having('filter'),
    postFilter: having('postFilter'),
    preScore: having('preScore'),
    score,
    reserve,
    permit: having('permit'),
    preBind: having('preBind'),
    bind: having('bind'),
    postBind: having('postBind'),
  };
  return {
    schedulerName,
    queueSort,
    ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
    plugins: [...plugins],
    ...points,
  };
}
