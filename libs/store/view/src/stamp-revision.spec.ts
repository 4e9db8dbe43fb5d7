import { revision } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { stampRevision } from './stamp-revision';

describe('stampRevision', () => {
  it('replaces only metadata.resourceVersion, wherever else the word stands', () => {
    const object = {
      kind: 'Event',
      involvedObject: { resourceVersion: '1' },
      resourceVersion: '2',
      metadata: {
        annotations: { resourceVersion: '3', last: '{"metadata":{"resourceVersion":"4"}}' },
        labels: { resourceVersion: '5' },
        name: '日本 "x"',
        resourceVersion: '6',
      },
      spec: { resourceVersion: '7' },
    };
    const stamped = stampRevision(Buffer.from(JSON.stringify(object)), revision(12345));
    expect(JSON.parse(stamped.toString())).toEqual({
      ...object,
      metadata: { ...object.metadata, resourceVersion: '12345' },
    });
  });

  it('refuses an object without one', () => {
    expect(() => stampRevision(Buffer.from('{"metadata":{}}'), revision(1))).toThrow('resourceVersion');
  });
});
