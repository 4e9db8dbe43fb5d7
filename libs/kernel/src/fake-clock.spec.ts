import { describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from './clock';
import { fakeClock } from './fake-clock';

describe('fakeClock', () => {
  it('stands still until it is advanced, and runs timers in order of their time', async () => {
    const clock = fakeClock(1000);
    const log: string[] = [];
    clock.after(20, () => log.push(`b@${String(clock.nowMs())}`));
    clock.after(10, () => log.push(`a@${String(clock.nowMs())}`));
    clock.after(10, () => log.push(`a2@${String(clock.nowMs())}`));
    expect(clock.nowMs()).toBe(1000);
    await clock.advance(15);
    expect(log).toEqual(['a@1010', 'a2@1010']);
    await clock.advance(5);
    expect(log).toEqual(['a@1010', 'a2@1010', 'b@1020']);
    expect(clock.elapsedMs()).toBe(20);
  });

  it('repeats until cancelled', async () => {
    const clock = fakeClock();
    let count = 0;
    const cancel = clock.every(10, () => count++);
    await clock.advance(35);
    expect(count).toBe(3);
    cancel();
    cancel();
    await clock.advance(100);
    expect(count).toBe(3);
  });

  it('lets what a timer started run before the next one', async () => {
    const clock = fakeClock();
    const log: number[] = [];
    const loop = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10);
        log.push(i);
      }
    };
    const done = loop();
    await clock.advance(30);
    await done;
    expect(log).toEqual([0, 1, 2]);
  });

  it('ends a sleep when its signal is aborted', async () => {
    const clock = fakeClock();
    const controller = new AbortController();
    const slept = clock.sleep(1000, controller.signal);
    controller.abort();
    await slept;
    await clock.sleep(1000, controller.signal);
    expect(clock.elapsedMs()).toBe(0);
  });

  it('jumps without running anything', async () => {
    const clock = fakeClock(1000);
    let ran = false;
    clock.after(10, () => (ran = true));
    clock.jump(-500);
    expect([clock.nowMs(), clock.wallMs(), ran]).toEqual([500, 500, false]);
    clock.jump(600);
    await clock.advance(0);
    expect(ran).toBe(true);
  });
});

describe('systemTimers', () => {
  it('fire, repeat, and can be cancelled', async () => {
    const log: string[] = [];
    const cancel = systemTimers.after(1, () => log.push('cancelled'));
    cancel();
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => {
      // The timers do not keep the process alive; this one does.
      const keep = setTimeout(() => undefined, 20_000);
      stop = systemTimers.every(1, () => {
        log.push('tick');
        if (log.length < 3) return;
        clearTimeout(keep);
        systemTimers.after(1, resolve);
      });
    });
    stop();
    expect(log.length).toBeGreaterThanOrEqual(3);
    expect(log).not.toContain('cancelled');
  });

  it('end a sleep at once when aborted', async () => {
    const controller = new AbortController();
    const started = systemClock.elapsedMs();
    const slept = systemTimers.sleep(60_000, controller.signal);
    controller.abort();
    await slept;
    expect(systemClock.elapsedMs() - started).toBeLessThan(5000);
  });
});
