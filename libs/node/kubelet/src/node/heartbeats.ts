import type { CancelTimer, Random, Running, Timers } from '@reckon/kernel';

/**
 * So many beat together: what they send then is committed together by the server, which costs it about as much as one. It is what a
 * client sends at the same time.
 */
const groupSize = 16;

/** The groups' moments are this part of the period apart, which spreads any number of them evenly over it. */
const goldenRatio = 0.618_033_988_75;

/** One that beats. A beat that is still running when the next is due takes its place. */
class Heart implements Running {
  private running: Promise<void> | undefined;

  constructor(
    private readonly action: () => Promise<void>,
    private readonly leave: () => void,
  ) {}

  beat(): void {
    this.running ??= this.action().finally(() => {
      this.running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.leave();
    await this.running;
  }
}

interface Group {
  readonly hearts: Set<Heart>;
  cancel: CancelTimer;
}

/** Things that happen every `everyMs`, a thousand or two of them in one process, in small groups that are spread over that time. */
export class Heartbeats {
  /** Where in the period the next group beats, as a part of it. */
  private phase: number;
  private filling: Group | undefined;

  constructor(
    private readonly timers: Timers,
    random: Random,
    private readonly everyMs: number,
  ) {
    this.phase = random.float();
  }

  /** First beats within `everyMs` from now. */
  add(action: () => Promise<void>): Running {
    if (this.filling === undefined || this.filling.hearts.size >= groupSize) this.filling = this.newGroup();
    const group = this.filling;
    const heart = new Heart(action, () => {
      group.hearts.delete(heart);
      if (group.hearts.size > 0) return;
      group.cancel();
      if (this.filling === group) this.filling = undefined;
    });
    group.hearts.add(heart);
    return heart;
  }

  private newGroup(): Group {
    const hearts = new Set<Heart>();
    const beat = (): void => {
      for (const heart of hearts) heart.beat();
    };
    this.phase = (this.phase + goldenRatio) % 1;
    const group: Group = {
      hearts,
      cancel: this.timers.after(this.phase * this.everyMs, () => {
        group.cancel = this.timers.every(this.everyMs, beat);
        beat();
      }),
    };
    return group;
  }
}
