import { describe, expect, it } from 'vitest';
import { entryId, markerId, parseMessageId } from './message-id';

describe('the id of a message', () => {
  it('is read back', () => {
    expect(parseMessageId(entryId('c-1', 42))).toEqual({ clusterId: 'c-1', kind: 'entry', from: 42, to: 42 });
    for (const to of [3, 41])
      expect(parseMessageId(markerId('c-1', 3, to))).toEqual({ clusterId: 'c-1', kind: 'marker', from: 3, to });
  });

  it.each(['', 'c', 'c:', ':1', 'c:0', 'c:-1', 'c:2-1', 'c:1-', 'c:99999999999999999', 'c:1 ', 'c:x'])(
    'is none of a relay: %j',
    (text) => {
      expect(parseMessageId(text)).toBeUndefined();
    },
  );
});
