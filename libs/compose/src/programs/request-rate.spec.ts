import { describe, expect, it } from 'vitest';
import { parseFlags } from '../flags/parse-flags';
import { schedulerFlags } from '../flags/scheduler-flags';
import { requestRateOf } from './request-rate';

const rateOf = (...args: readonly string[]) =>
  requestRateOf(parseFlags(schedulerFlags, args).values, { perSecond: 50, burst: 100 });

describe('how fast a program asks the apiserver', () => {
  it('has no limit unless one is named', () => {
    expect(rateOf()).toBeUndefined();
    expect(rateOf('--kube-api-qps=0')).toBeUndefined();
    expect(rateOf('--kube-api-qps=-1', '--kube-api-burst=5')).toBeUndefined();
  });

  it('is what is named, with upstream’s default for what is not', () => {
    expect(rateOf('--kube-api-qps=2.5', '--kube-api-burst=4')).toEqual({ perSecond: 2.5, burst: 4 });
    expect(rateOf('--kube-api-qps', '7')).toEqual({ perSecond: 7, burst: 100 });
    expect(rateOf('--kube-api-burst', '7')).toEqual({ perSecond: 50, burst: 7 });
    expect(() => rateOf('--kube-api-qps=fast')).toThrow('invalid argument "fast" for --kube-api-qps: must be a number');
  });
});
