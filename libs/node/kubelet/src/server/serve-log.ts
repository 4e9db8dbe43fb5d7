import { microTimeText, statusErrors } from '@reckon/api/machinery';
import type { Timers } from '@reckon/kernel';
import type { ServerResponse } from 'node:http';
import type { Pod } from '../stages/next-stage';
import { type ContainerLog, type LogLine, containerLog } from './container-log';
import type { LogQuery } from './log-query';

/** How often a followed log is looked at for new lines. */
const followMs = 250;

export interface LogSource {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  /** The pod as it is now. */
  pod(): Pod | undefined;
}

/** Writes a log as `query` asks. Throws a Status before anything is written, when there is no such log. */
export async function serveLog(
  source: LogSource,
  query: LogQuery,
  response: ServerResponse,
  options: { readonly timers: Timers; readonly signal: AbortSignal },
): Promise<void> {
  const pod = source.pod();
  if (pod === undefined) throw statusErrors.notFound({ group: '', resource: 'pods' }, source.name);
  const log = containerLog(pod, source.container, query.previous);
  const chosen = log.lines.filter((l) => query.fromMs === undefined || l.atMs >= query.fromMs);
  const tail = query.tailLines === undefined ? chosen : chosen.slice(Math.max(0, chosen.length - query.tailLines));

  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const write = limitedWriter(response, query);
  let hasRoom = write(tail);
  let told = log.lines.length;
  for (let now: ContainerLog | undefined = log; query.follow && hasRoom && now?.isRunning === true;) {
    await options.timers.sleep(followMs, options.signal);
    if (options.signal.aborted || response.destroyed) break;
    now = sameRun(source, log);
    hasRoom = write(now?.lines.slice(told) ?? []);
    told = now?.lines.length ?? told;
  }
  response.end();
}

/** The same run of the container as it is now, over or not; undefined once it can no longer be known. */
function sameRun(source: LogSource, { containerId }: ContainerLog): ContainerLog | undefined {
  const pod = source.pod();
  if (pod === undefined) return undefined;
  for (const previous of [false, true]) {
    try {
      const log = containerLog(pod, source.container, previous);
      if (log.containerId === containerId) return log;
    } catch {
      // That run is not there; the other may be.
    }
  }
  return undefined;
}

/** Writes lines until the limit is reached; answers whether there is room for more. */
function limitedWriter(response: ServerResponse, query: LogQuery): (lines: readonly LogLine[]) => boolean {
  let left = query.limitBytes ?? Infinity;
  return (lines) => {
    for (const { atMs, text } of lines) {
      if (left <= 0) break;
      const line = Buffer.from(`${query.timestamps ? `${microTimeText(atMs)} ` : ''}${text}\n`);
      response.write(line.subarray(0, left));
      left -= line.length;
    }
    return left > 0;
  };
}
