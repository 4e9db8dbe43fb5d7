import type { Entry, Verb } from '@reckon/store/contract';

/**
 * A batch on its way to the writer: column by column, so that the structured clone copies two arrays of numbers and two of
 * strings, and the objects lie one after another in memory that both threads see.
 */
export interface BatchMessage {
  readonly type: 'batch';
  /** Once a batch has failed, every later one of its generation fails with it. */
  readonly generation: number;
  readonly firstRevision: number;
  /** Entries per append: the unit that is refused or committed as a whole. */
  readonly appendSizes: readonly number[];
  readonly keys: readonly string[];
  readonly requests: readonly string[];
  /** `numbersPerEntry` for each entry: previous, verb, at, who, length of the object. */
  readonly numbers: Float64Array;
  /** Actor, agent, manager of each `who` that this batch is the first to use; numbered on from the batch before. */
  readonly newWho: readonly string[];
  /** `newWho` starts again at 0. */
  readonly forgetWho: boolean;
  readonly objects: SharedArrayBuffer;
  /** How much of `objects` is used. */
  readonly objectBytes: number;
}

export const numbersPerEntry = 5;

const verbNumber = { create: 0, update: 1, delete: 2 } as const satisfies Record<Verb, number>;
export const verbs: readonly Verb[] = ['create', 'update', 'delete'];

/** Who is named by number; beyond this many (clients may send any User-Agent) the numbering starts again. */
const maxWho = 4096;

/** Shared memory larger than this is given back after the batch that needed it. */
const keptBytes = 2 * 1024 * 1024;

const usualBytes = 256 * 1024;

/** Main thread's side. What `encode` gave out is the writer's until `release`, which is called once for each batch, in their order. */
export class BatchEncoder {
  private readonly free: Buffer<SharedArrayBuffer>[] = [];
  private readonly given: Buffer<SharedArrayBuffer>[] = [];
  private readonly who = new Map<string, number>();

  encode(appends: readonly (readonly Entry[])[], generation: number): BatchMessage {
    const forgetWho = this.who.size > maxWho;
    if (forgetWho) this.who.clear();

    let count = 0;
    let bytes = 0;
    const appendSizes: number[] = [];
    for (const entries of appends) {
      appendSizes.push(entries.length);
      count += entries.length;
      for (const entry of entries) bytes += entry.object.length;
    }
    const objects = this.room(bytes);
    const keys: string[] = [];
    const requests: string[] = [];
    const newWho: string[] = [];
    const numbers = new Float64Array(count * numbersPerEntry);
    let n = 0;
    let offset = 0;
    for (const entries of appends)
      for (const entry of entries) {
        keys.push(entry.key);
        requests.push(entry.request);
        numbers[n++] = entry.previous;
        numbers[n++] = verbNumber[entry.verb];
        numbers[n++] = entry.at;
        numbers[n++] = this.whoNumber(entry, newWho);
        numbers[n++] = entry.object.length;
        objects.set(entry.object, offset);
        offset += entry.object.length;
      }
    return {
      type: 'batch',
      generation,
      firstRevision: appends[0]?.[0]?.revision ?? 0,
      appendSizes,
      keys,
      requests,
      numbers,
      newWho,
      forgetWho,
      objects: objects.buffer,
      objectBytes: bytes,
    };
  }

  /** The writer has answered the oldest batch: its memory may be used again. */
  release(): void {
    const room = this.given.shift();
    if (room !== undefined && room.length <= keptBytes) this.free.push(room);
  }

  private whoNumber(entry: Entry, newWho: string[]): number {
    const name = `${entry.actor}\u0000${entry.agent}\u0000${entry.manager}`;
    let number = this.who.get(name);
    if (number === undefined) {
      number = this.who.size;
      this.who.set(name, number);
      newWho.push(entry.actor, entry.agent, entry.manager);
    }
    return number;
  }

  private room(bytes: number): Buffer<SharedArrayBuffer> {
    const free = this.free.pop();
    const room =
      free !== undefined && bytes <= free.length
        ? free
        : Buffer.from(new SharedArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(bytes, usualBytes)))));
    this.given.push(room);
    return room;
  }
}
