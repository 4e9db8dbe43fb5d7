import { createDecoder, createKindRegistry } from '@reckon/api/kinds';
import { describe, expect, it } from 'vitest';
import { connectOptions } from './connect-options';

const kinds = createKindRegistry();
const parts = { kinds, decoder: createDecoder(kinds) };
const of = (kind: string, query: string, path = ''): object | undefined =>
  connectOptions(parts, { group: '', version: 'v1', kind }, { query: new URLSearchParams(query), path });

describe('the options of a connection', () => {
  it('are the query by the type of each field, as Go reads it', () => {
    expect(
      of('PodExecOptions', 'command=sh&command=-c&stdin=true&stdout=1&tty=false&stderr=0&container=c&bogus=x'),
    ).toEqual({
      kind: 'PodExecOptions',
      apiVersion: 'v1',
      stdin: true,
      stdout: true,
      container: 'c',
      command: ['sh', '-c'],
    });
    expect(of('PodAttachOptions', 'stdin=&container=__proto__')).toMatchObject({ stdin: true, container: '__proto__' });
    expect(of('PodPortForwardOptions', 'ports=80&ports=x')).toMatchObject({ ports: [80] });
    expect(of('ServiceProxyOptions', '', 'a/b')).toMatchObject({ path: '/a/b' });
  });

  it('have no metadata to be seen, and are none of a kind that is not known', () => {
    const options = of('PodExecOptions', '');
    expect(JSON.stringify(options)).toBe('{"kind":"PodExecOptions","apiVersion":"v1","command":null}');
    expect(options).toHaveProperty('metadata', {});
    expect(of('NoOptions', '')).toBeUndefined();
  });
});
