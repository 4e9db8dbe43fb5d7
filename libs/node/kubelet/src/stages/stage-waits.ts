import type { Random } from '@reckon/kernel';
import type { Wait } from './next-stage';
import { durationMs } from './duration';
import type { Stage } from './stage';

/** Since when each stage holds for one pod. A stage that stops to hold is forgotten, and waits anew when it holds again. */
export class StageWaits {
  private waits: ReadonlyMap<string, Wait> = none;

  constructor(private readonly random: Random) {}

  /** Calls `question` with what it needs to know; what it asks after is what holds now. */
  ask<T>(question: (waitOf: (stage: Stage) => Wait) => T, nowMs: number): T {
    const held = new Map<string, Wait>();
    const answer = question((stage) => {
      const wait = this.waits.get(stage.name) ?? {
        sinceMs: nowMs,
        jitterMs: this.random.float() * durationMs(stage.after.jitter),
      };
      held.set(stage.name, wait);
      return wait;
    });
    this.waits = held.size === 0 ? none : held;
    return answer;
  }
}

const none: ReadonlyMap<string, Wait> = new Map();
