import { type FakeClock, fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { EventCorrelator, type EventSeed } from './event-correlator';

const seed = (clock: FakeClock, message: string, name = 'a'): EventSeed => ({
  involvedObject: { kind: 'Pod', namespace: 'default', name, uid: name },
  type: 'Normal',
  reason: 'Pulled',
  message,
  atMs: clock.nowMs(),
});
const tell = (correlator: EventCorrelator, event: EventSeed): string => {
  const decided = correlator.decide(event);
  if (decided.kind === 'create') correlator.written(decided.key, `event-${String(decided.sequence)}`);
  return decided.kind === 'drop' ? 'drop' : `${decided.kind} ${String(decided.count)} ${decided.message}`;
};

describe('the event correlator', () => {
  it('counts repetitions of one message', () => {
    const clock = fakeClock();
    const correlator = new EventCorrelator(clock);
    expect([
      tell(correlator, seed(clock, 'x')),
      tell(correlator, seed(clock, 'x')),
      tell(correlator, seed(clock, 'y')),
      tell(correlator, seed(clock, 'x')),
    ]).toEqual(['create 1 x', 'repeat 2 x', 'create 1 y', 'repeat 3 x']);
    expect(tell(correlator, seed(clock, 'x', 'b'))).toBe('create 1 x');
  });

  it('tells the tenth different message and those after it as one, and the nine as before', () => {
    const clock = fakeClock();
    const correlator = new EventCorrelator(clock);
    const told = Array.from({ length: 12 }, (_, i) => tell(correlator, seed(clock, `m${String(i)}`)));
    expect(told[8]).toBe('create 1 m8');
    expect(told.slice(9)).toEqual([
      'create 1 (combined from similar events): m9',
      'repeat 2 (combined from similar events): m10',
      'repeat 3 (combined from similar events): m11',
    ]);
    expect(tell(correlator, seed(clock, 'm3'))).toBe('repeat 2 m3');
  });

  it('begins anew when there was none for the window', async () => {
    const clock = fakeClock();
    const correlator = new EventCorrelator(clock);
    for (let i = 0; i < 12; i++) tell(correlator, seed(clock, `m${String(i)}`));
    await clock.advance(599_000);
    expect(tell(correlator, seed(clock, 'soon'))).toBe('repeat 4 (combined from similar events): soon');
    await clock.advance(601_000);
    expect(tell(correlator, seed(clock, 'fresh'))).toBe('create 1 fresh');
  });

  it('drops what is more than 25 about one object, and lets one pass every five minutes', async () => {
    const clock = fakeClock();
    const correlator = new EventCorrelator(clock);
    const told = Array.from({ length: 500 }, () => tell(correlator, seed(clock, 'x')));
    expect(told.filter((t) => t !== 'drop')).toHaveLength(25);
    expect(tell(correlator, seed(clock, 'x', 'b'))).toBe('create 1 x');
    await clock.advance(300_000);
    expect([tell(correlator, seed(clock, 'x')), tell(correlator, seed(clock, 'x'))]).toEqual(['repeat 26 x', 'drop']);
  });
});
