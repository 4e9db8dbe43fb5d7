import { type LogFormat, logHeader, logText, readHistory, StatesBefore } from '@reckon/history';
import { mergeShapes } from '@reckon/compose/history';
import { write } from '@reckon/compose/programs';
import { keepAlive } from '@reckon/kernel';
import {
  demandOrder,
  demandReached,
  momentOf,
  openSource,
  rangeOf,
  type ScopeFlags,
  scopesOf,
  type SourceFlags,
} from './history-flags';
import { type ColorFlag, colorOf } from './history-color';
import { namespaceOf, readableOf } from './history-readable';

export interface LogFlags extends SourceFlags, ScopeFlags {
  readonly since?: string;
  readonly until?: string;
  readonly by?: string;
  readonly manager?: string;
  readonly auditId?: string;
  readonly output: LogFormat;
  readonly follow?: boolean;
  readonly limit?: number;
  readonly showSecrets?: boolean;
  readonly headers: boolean;
  readonly color: ColorFlag;
}

/** Prints what happened, when, by whom, and what it changed. */
export async function printLog(objects: readonly string[], flags: LogFlags): Promise<void> {
  const range = {
    from: flags.since === undefined ? undefined : momentOf(flags.since),
    to: flags.until === undefined ? undefined : momentOf(flags.until),
  };
  demandOrder(range.from, range.to);
  const open = await openSource(flags);
  const { source } = open;
  // A log file is asked for news by a timer that keeps nobody alive.
  const release = keepAlive();
  try {
    const scopes = await scopesOf(open, objects, flags);
    const readable = await readableOf(open, scopes, flags);
    demandReached(range.from, readable.position.head);
    // An end that is to come is one to follow to.
    if (flags.follow !== true) demandReached(range.to, readable.position.head);
    const options = {
      format: flags.output,
      color: colorOf(flags.color),
      showSecrets: flags.showSecrets === true,
      shapeOf: mergeShapes(),
      states: new StatesBefore(source),
    };
    let count = 0;
    for await (const entry of readHistory(source, readable, {
      namespace: namespaceOf(flags),
      ...rangeOf(range),
      ...(flags.by === undefined ? {} : { actor: flags.by }),
      ...(flags.manager === undefined ? {} : { manager: flags.manager }),
      ...(flags.auditId === undefined ? {} : { request: flags.auditId }),
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      follow: flags.follow === true,
    })) {
      if (count++ === 0 && flags.headers) await write(logHeader(flags.output));
      await write(await logText(entry, options));
    }
    if (count === 0) console.error('No changes found.');
  } finally {
    release();
    await source.close();
  }
}
