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
  readonly plugins: readonly Plugin[];
  /** Order of the queue; all profiles share one. */
  readonly queueSort: (a: QueuedPod, b: QueuedPod) => boolean;
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

export function profileOf(schedulerName: string, queueSort: Profile['queueSort'], rows: readonly PluginRow[]): Profile {
  const plugins = rows.map((r) => r.plugin);
  const having = <K extends keyof Plugin>(point: K): With<K>[] =>
    plugins.filter((p) => p[point] !== undefined) as With<K>[];
  return {
    schedulerName,
    plugins,
    queueSort,
    preFilter: having('preFilter'),
    filter: having('filter'),
    postFilter: having('postFilter'),
    preScore: having('preScore'),
    score: having('score').map((plugin) =>
      Object.assign({ weight: rows.find((r) => r.plugin === plugin)?.weight ?? 1 }, plugin),
    ),
    reserve: plugins.filter((p) => p.reserve !== undefined || p.unreserve !== undefined),
    permit: having('permit'),
    preBind: having('preBind'),
    bind: having('bind'),
    postBind: having('postBind'),
  };
}
