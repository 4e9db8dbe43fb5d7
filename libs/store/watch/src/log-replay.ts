import type { Entry, EventLog, Revision } from '@reckon/store/contract';
import { parseKey } from '@reckon/store/contract';
import type { Stored } from '@reckon/store/view';
import { transitionOf } from './transition';
import { watchEventOf } from './watch-event-of';
import type { Watcher } from './watcher';

/**
 * Feeds one watcher from the log, for what the recent changes no longer hold. The log's entries say what a key became, not what
 * it was; a selector needs both, so the first change of a key costs one lookup of its state before it, and the last state is
 * kept while it matches.
 */
export class LogReplay {
  /** State of the keys seen so far, if it matches the selector; undefined if it does not or the key is gone. */
  private readonly last = new Map<string, Stored | undefined>();
  private readonly prefix: string;

  constructor(
    private readonly watcher: Watcher,
    private readonly log: EventLog,
  ) {
    const { namespace, name } = watcher.request;
    const scope = watcher.table.scope(namespace);
    this.prefix = name !== undefined && namespace !== '' ? `${scope}${name}` : scope;
  }

  /** Sends events up to `to`, or until the sink is full or the watcher closed; its position says how far it came. */
  async feed(to: Revision): Promise<void> {
    const { watcher } = this;
    for await (const chunk of this.log.read({ after: watcher.position, to, prefix: this.prefix })) {
      if (watcher.isClosed()) return;
      const frames = await this.framesOf(chunk);
      if (watcher.isClosed()) return;
      const end = chunk[chunk.length - 1]?.revision;
      if (end !== undefined) watcher.position = end;
      if (frames.length > 0 && !watcher.write(Buffer.concat(frames))) return;
    }
    watcher.position = to;
  }

  private async framesOf(chunk: readonly Entry[]): Promise<Buffer[]> {
    const { table, request, encoding } = this.watcher;
    if (request.match !== undefined) await this.lookUp(chunk);
    const frames: Buffer[] = [];
    for (const entry of chunk) {
      const after = table.stored(entry.key, entry.revision, entry.object, parseKey(entry.key));
      if (!this.watcher.isInScope(after)) continue;
      const change = { verb: entry.verb, before: this.last.get(entry.key), after };
      const transition = transitionOf(change, request.match);
      if (request.match !== undefined)
        this.last.set(entry.key, transition === 'added' || transition === 'modified' ? after : undefined);
      if (transition !== 'none') frames.push(encoding.encode(watchEventOf(change, transition)));
    }
    return frames;
  }

  /** Learns the state before the chunk of every key whose first change here is no create. */
  private async lookUp(chunk: readonly Entry[]): Promise<void> {
    const unknown = new Map<string, Entry>();
    for (const entry of chunk) {
      if (this.last.has(entry.key) || unknown.has(entry.key)) continue;
      if (entry.verb === 'create') this.last.set(entry.key, undefined);
      else unknown.set(entry.key, entry);
    }
    const { table, request } = this.watcher;
    await Promise.all(
      [...unknown.values()].map(async (entry) => {
        const just = (entry.revision - 1) as Revision;
        const [head] = await this.log.listAt(just, entry.key, { startKey: entry.key, limit: 1 });
        const before = head?.key === entry.key ? table.stored(head.key, head.revision, head.object) : undefined;
        const isMatch = before !== undefined && request.match?.(before.labels, before.fields) === true;
        this.last.set(entry.key, isMatch ? before : undefined);
      }),
    );
  }
}
