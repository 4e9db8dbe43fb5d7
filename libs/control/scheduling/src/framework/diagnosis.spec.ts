import { describe, expect, it } from 'vitest';
import { fitErrorText, newDiagnosis } from './diagnosis';
import { unresolvable, unschedulable } from './status';

describe('fitErrorText', () => {
  it('counts reasons and sorts them as text', () => {
    const diagnosis = newDiagnosis();
    for (let i = 0; i < 10; i++) diagnosis.statuses.set(`c${String(i)}`, unschedulable('F', 'Insufficient cpu'));
    diagnosis.statuses.set('t', unresolvable('T', 'node(s) had untolerated taint(s)'));
    diagnosis.statuses.set('b', unschedulable('F', 'Insufficient cpu', 'Insufficient memory'));
    diagnosis.postFilterMessage = 'preemption: none.';
    expect(fitErrorText(12, diagnosis)).toBe(
      '0/12 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 11 Insufficient cpu. preemption: none.',
    );
  });

  it('counts nodes that were never looked at', () => {
    const diagnosis = newDiagnosis();
    diagnosis.statuses.setAbsent(unresolvable('', "node(s) didn't satisfy plugin(s) [NodeAffinity]"));
    diagnosis.statuses.set('a', unschedulable('F', 'Too many pods'));
    expect(fitErrorText(3, diagnosis)).toBe(
      "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
    );
  });

  it('says what preFilter said once, not per node', () => {
    const diagnosis = newDiagnosis();
    diagnosis.preFilterMessage = 'pod affinity terms conflict';
    diagnosis.statuses.setAbsent(unresolvable('A', 'pod affinity terms conflict'));
    expect(fitErrorText(3, diagnosis)).toBe('0/3 nodes are available: pod affinity terms conflict.');
  });
});
