import type { Revision, WatchEncoding } from '@reckon/store/contract';
import type { Folded } from '@reckon/store/view';
import type { Transition } from './transition';
import { watchEventOf } from './watch-event-of';

const outcomes = { added: 0, modified: 1, deleted: 2, left: 3 } as const;
const outcomeCount = 4;

/** Frames for one write, and the revision of the last event in them. */
export interface Slice {
  readonly frames: Buffer;
  readonly through: Revision;
}

interface EncodingFrames {
  all: readonly Slice[] | undefined;
  readonly single: (Slice | undefined)[];
  readonly joined: Map<string, readonly Slice[]>;
}

/** A write takes no more than this and one frame: what a full sink holds is bounded, however large the batch was. */
const sliceBytes = 256 * 1024;

/** An event to send: which change of the batch, and what it is to the watcher. */
export type Pick = number;

export const pick = (index: number, transition: Exclude<Transition, 'none'>): Pick =>
  index * outcomeCount + outcomes[transition];

const naturalTransitions = { create: 'added', update: 'modified', delete: 'deleted' } as const;

const transitions = ['added', 'modified', 'deleted', 'left'] as const;

/**
 * The frames of one batch of one resource: each event is encoded once per encoding, and watchers that see the same events of the
 * batch get the same joined buffer, whatever selectors they came by. Lives as long as the fan-out of the batch.
 */
export class FrameCache {
  private readonly byEncoding = new Map<string, EncodingFrames>();

  constructor(readonly changes: readonly Folded[]) {}

  /** The frames of the whole batch, as a watcher without a selector sees it; nearly always one slice. */
  all(encoding: WatchEncoding): readonly Slice[] {
    const known = this.of(encoding);
    return (known.all ??= this.slices(
      encoding,
      this.changes.map((change, i) => pick(i, naturalTransitions[change.verb])),
    ));
  }

  /** The frames of all picks, in order. */
  slices(encoding: WatchEncoding, picks: readonly Pick[]): readonly Slice[] {
    const known = this.of(encoding);
    const [first] = picks;
    if (first !== undefined && picks.length === 1) return [this.single(encoding, known.single, first)];
    const id = picks.join();
    let joined = known.joined.get(id);
    if (joined === undefined) {
      joined = joinSlices(picks.map((p) => this.single(encoding, known.single, p)));
      known.joined.set(id, joined);
    }
    return joined;
  }

  private of(encoding: WatchEncoding): EncodingFrames {
    let known = this.byEncoding.get(encoding.id);
    if (known === undefined) {
      known = { all: undefined, single: [], joined: new Map() };
      this.byEncoding.set(encoding.id, known);
    }
    return known;
  }

  private single(encoding: WatchEncoding, singles: (Slice | undefined)[], which: Pick): Slice {
    const known = singles[which];
    if (known !== undefined) return known;
    const change = this.changes[Math.floor(which / outcomeCount)];
    const transition = transitions[which % outcomeCount];
    if (change === undefined || transition === undefined) throw new Error(`no such event: ${String(which)}`);
    const frames = encoding.encode(watchEventOf(change, transition));
    return (singles[which] = { frames, through: change.after.revision });
  }
}

function joinSlices(singles: readonly Slice[]): readonly Slice[] {
  const slices: Slice[] = [];
  let parts: Buffer[] = [];
  let bytes = 0;
  for (const [i, { frames, through }] of singles.entries()) {
    parts.push(frames);
    bytes += frames.length;
    if (bytes < sliceBytes && i < singles.length - 1) continue;
    slices.push({ frames: Buffer.concat(parts, bytes), through });
    parts = [];
    bytes = 0;
  }
  return slices;
}
