import { describe, expect, it } from 'vitest';
import { metadataAlone } from './metadata-alone';

const counter = 'deprecated.daemonset.template.generation';

describe('metadata told alone', () => {
  it.each([
    [
      { [counter]: '2', a: 'b' },
      { name: 'x', annotations: { a: 'b' } },
    ],
    [{ [counter]: '2' }, { name: 'x' }],
    [undefined, { name: 'x' }],
  ])('of a DaemonSet annotated with %j leave out what is a field of its spec', (annotations, expected) => {
    const metadata = { name: 'x', ...(annotations === undefined ? {} : { annotations }) };
    expect(metadataAlone({ kind: 'DaemonSet', metadata })).toEqual(expected);
  });

  it('are the very ones of any other kind', () => {
    const metadata = { name: 'x', annotations: { [counter]: '2' } };
    expect(metadataAlone({ kind: 'Deployment', metadata })).toBe(metadata);
  });
});
