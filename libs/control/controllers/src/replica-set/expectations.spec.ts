import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { Expectations } from './expectations';

describe('expectations', () => {
  it('hold until every pod that was made is seen, whichever comes first, the answer or the sight of it', () => {
    const expectations = new Expectations(fakeClock());
    expect(expectations.isSatisfied('set')).toBe(true);
    expectations.createsBegin('set');
    expectations.created('set', 'a');
    expectations.sawCreation('set', 'b');
    expectations.created('set', 'b');
    expectations.createsEnded('set');
    expect(expectations.isSatisfied('set')).toBe(false);
    expectations.sawCreation('set', 'another');
    expect(expectations.isSatisfied('set')).toBe(false);
    expectations.sawCreation('set', 'a');
    expect(expectations.isSatisfied('set')).toBe(true);
  });

  it('hold until every pod that was deleted is seen going', () => {
    const expectations = new Expectations(fakeClock());
    expectations.willDelete('set', ['a', 'b']);
    expectations.sawDeletion('set', 'a');
    expectations.sawDeletion('set', 'a');
    expect(expectations.isSatisfied('set')).toBe(false);
    expectations.sawDeletion('set', 'b');
    expect(expectations.isSatisfied('set')).toBe(true);
  });

  it('take a pod that came and went as seen', () => {
    const expectations = new Expectations(fakeClock());
    expectations.createsBegin('set');
    expectations.created('set', 'a');
    expectations.createsEnded('set');
    expectations.sawDeletion('set', 'a');
    expect(expectations.isSatisfied('set')).toBe(true);
  });

  it('lapse after five minutes and are forgotten with their owner', async () => {
    const clock = fakeClock();
    const expectations = new Expectations(clock);
    expectations.willDelete('set', ['a']);
    expectations.willDelete('other', ['b']);
    expectations.forget('other');
    expect([expectations.isSatisfied('set'), expectations.isSatisfied('other')]).toEqual([false, true]);
    await clock.advance(300_001);
    expect(expectations.isSatisfied('set')).toBe(true);
  });
});
