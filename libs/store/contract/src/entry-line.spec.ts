import { describe, expect, it } from 'vitest';
import { entryLine } from './entry-line';
import type { Entry } from './event-log';
import type { Revision } from './revision';

const entry: Entry = {
  revision: 7 as Revision,
  key: '/apps/deployments/default/web',
  previous: 5 as Revision,
  verb: 'update',
  object: Buffer.from(
    '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"resourceVersion":"7"},"big":9007199254740993}',
  ),
  at: Date.parse('2026-01-31T12:00:00.5Z'),
  actor: 'jane "the" admin',
  agent: 'kubectl',
  manager: 'm',
  request: 'r',
};

describe('an entry as a line', () => {
  it('says everything, and gives the object byte for byte', () => {
    expect(entryLine(entry).toString()).toBe(
      '{"revision":7,"at":"2026-01-31T12:00:00.500Z","verb":"update","group":"apps","version":"v1","resource":"deployments",' +
        '"namespace":"default","name":"web","previous":5,"actor":"jane \\"the\\" admin","agent":"kubectl","manager":"m",' +
        '"request":"r","object":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"resourceVersion":"7"},"big":9007199254740993}}\n',
    );
  });

  it('names core as the empty group, and an object as it is shown', () => {
    const core = { ...entry, key: '/core/nodes//n', object: Buffer.from('{"kind":"Node","apiVersion":"v1"}') };
    expect(JSON.parse(entryLine(core).toString())).toMatchObject({
      group: '',
      version: 'v1',
      namespace: '',
      name: 'n',
    });
    const shown = { group: 'g', version: 'v2', resource: 'things', object: Buffer.from('{"a":1}') };
    expect(JSON.parse(entryLine(entry, shown).toString())).toMatchObject({ ...shown, object: { a: 1 } });
    expect(JSON.parse(entryLine({ ...entry, object: Buffer.from('{}') }).toString())).toMatchObject({ version: '' });
  });
});
