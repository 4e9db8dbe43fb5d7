import { describe, expect, it } from 'vitest';
import { nodeInfo, podInfo } from '../testing/make';

describe('the tally of a node', () => {
  it('is worked out again only when a pod has come or gone', () => {
    const node = nodeInfo({}, [{ name: 'a' }, { name: 'b' }]);
    let asked = 0;
    const count = (question = 'all'): number =>
      node.tally(question, () => {
        asked++;
        return true;
      });
    expect([count(), count(), asked]).toEqual([2, 2, 2]);
    node.addPod(podInfo({ name: 'c' }));
    expect([count(), count(), asked]).toEqual([3, 3, 5]);
    node.removePod('uid-a');
    expect([count(), asked]).toEqual([2, 7]);
    node.removePod('unknown');
    expect([count(), asked]).toEqual([2, 7]);
    expect(node.copy().tally('all', () => false)).toBe(0);
  });

  it('is kept for a bounded number of questions', () => {
    const node = nodeInfo({}, [{}]);
    for (let i = 0; i < 33; i++) node.tally(String(i), () => true);
    expect(node.tally('0', () => false)).toBe(0);
    expect(node.tally('32', () => false)).toBe(1);
  });
});
