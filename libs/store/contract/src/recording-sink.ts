import type { WatchSink } from './storage';

export interface SeenEvent {
  readonly type: string;
  readonly object: {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly resourceVersion: string;
      readonly annotations?: Record<string, string>;
    };
    readonly data?: Record<string, string>;
  };
}

/** A sink that keeps what it got. `capacity` is how many writes it takes before it says that it is full. */
export class RecordingSink implements WatchSink {
  readonly frames: Buffer[] = [];
  isEnded = false;
  error: Error | undefined = undefined;
  private taken = 0;
  private readonly listeners: (() => void)[] = [];

  constructor(private capacity = Infinity) {}

  write(frame: Buffer): boolean {
    if (this.isEnded) throw new Error('a frame after the end');
    if (this.taken >= this.capacity) throw new Error('a frame while the sink is full');
    this.frames.push(frame);
    return ++this.taken < this.capacity;
  }

  onDrain(listener: () => void): void {
    this.listeners.push(listener);
  }

  end(error?: Error): void {
    if (this.isEnded) throw new Error('ended twice');
    this.isEnded = true;
    this.error = error;
  }

  /** Takes `capacity` more writes. */
  drain(): void {
    if (this.taken < this.capacity) return;
    this.taken = 0;
    for (const listener of this.listeners) listener();
  }

  /** Is never full again. */
  open(): void {
    const wasFull = this.taken >= this.capacity;
    this.capacity = Infinity;
    if (wasFull) for (const listener of this.listeners) listener();
  }

  events(): SeenEvent[] {
    return Buffer.concat(this.frames)
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SeenEvent);
  }

  /** `ADDED a 3`, `DELETED b 5`, `BOOKMARK 7`. */
  lines(): string[] {
    return this.events().map(({ type, object }) =>
      [type, object.metadata.name, object.metadata.resourceVersion].filter((part) => part !== undefined).join(' '),
    );
  }
}
