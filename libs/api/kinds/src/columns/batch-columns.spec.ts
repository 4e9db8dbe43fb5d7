import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const kinds = createKindRegistry();
const nowMs = Date.parse('2026-01-02T00:00:00Z');

function shown(resource: string, of: { metadata?: object; spec?: object; status?: object }): unknown[] {
  const row = kinds.resource('batch', 'v1', resource);
  if (row === undefined) throw new Error(`no ${resource}`);
  const metadata = { name: 'x', creationTimestamp: '2026-01-01T23:00:00Z', ...of.metadata };
  const object = { ...of, metadata } as unknown as KubeObject;
  const table = tableFor(row, [object], { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
  const names = table.columnDefinitions.map(
    ({ name, type, priority }) => `${name}:${type}${priority === 1 ? '*' : ''}`,
  );
  return [names, table.rows[0]?.cells];
}

const template = {
  spec: {
    containers: [
      { name: 'c', image: 'i:1' },
      { name: 'd', image: 'j:2' },
    ],
  },
};
const selector = { matchLabels: { a: '1' } };

describe('the columns of jobs', () => {
  const names = [
    'Name:string',
    'Status:string',
    'Completions:string',
    'Duration:string',
    'Age:string',
    'Containers:string*',
    'Images:string*',
    'Selector:string*',
  ];
  const [startTime, completionTime] = ['2026-01-01T23:00:00Z', '2026-01-01T23:00:42Z'];
  const holding = (...types: string[]): object[] => types.map((type) => ({ type, status: 'True' }));
  const rest = ['60m', 'c,d', 'i:1,j:2', 'a=1'];

  it.each<[{ metadata?: object; spec?: object; status?: object }, unknown[]]>([
    [{ spec: { completions: 3 } }, ['Running', '0/3', '']],
    [{ spec: { completions: 3 }, status: { startTime, succeeded: 2 } }, ['Running', '2/3', '60m']],
    [{ spec: { parallelism: 1 }, status: { succeeded: 1 } }, ['Running', '1/1', '']],
    [{ spec: { parallelism: 4 } }, ['Running', '0/1 of 4', '']],
    [
      { status: { startTime, completionTime, conditions: holding('SuccessCriteriaMet', 'Complete') } },
      ['Complete', '0/1', '42s'],
    ],
    [{ status: { conditions: holding('FailureTarget', 'Failed') } }, ['Failed', '0/1', '']],
    [{ status: { conditions: holding('FailureTarget') } }, ['FailureTarget', '0/1', '']],
    [{ status: { conditions: holding('SuccessCriteriaMet') } }, ['SuccessCriteriaMet', '0/1', '']],
    [{ status: { conditions: holding('Suspended') } }, ['Suspended', '0/1', '']],
    [{ status: { conditions: [{ type: 'Complete', status: 'False' }] } }, ['Running', '0/1', '']],
    [
      { metadata: { deletionTimestamp: '2026-01-01T23:30:00Z' }, status: { conditions: holding('Suspended') } },
      ['Terminating', '0/1', ''],
    ],
    [
      { metadata: { deletionTimestamp: '2026-01-01T23:30:00Z' }, status: { conditions: holding('Complete') } },
      ['Complete', '0/1', ''],
    ],
  ])('%j', (of, cells) => {
    expect(shown('jobs', { ...of, spec: { ...of.spec, template, selector } })).toEqual([
      names,
      ['x', ...cells, ...rest],
    ]);
  });
});

describe('the columns of cron jobs', () => {
  const names = [
    'Name:string',
    'Schedule:string',
    'Timezone:string',
    'Suspend:boolean',
    'Active:integer',
    'Last Schedule:string',
    'Age:string',
    'Containers:string*',
    'Images:string*',
    'Selector:string*',
  ];
  const jobTemplate = { spec: { template } };

  it.each<[{ spec: object; status?: object }, unknown[]]>([
    [
      { spec: { schedule: '@daily', jobTemplate } },
      ['@daily', '<none>', '<unset>', 0, '<none>', '60m', 'c,d', 'i:1,j:2', '<none>'],
    ],
    [
      {
        spec: {
          schedule: '0 3 * * *',
          timeZone: 'UTC',
          suspend: true,
          jobTemplate: { spec: { template, selector } },
        },
        status: { active: [{ name: 'a' }, { name: 'b' }], lastScheduleTime: '2026-01-01T23:30:00Z' },
      },
      ['0 3 * * *', 'UTC', 'True', 2, '30m', '60m', 'c,d', 'i:1,j:2', 'a=1'],
    ],
    [
      { spec: { schedule: '@daily', suspend: false, jobTemplate } },
      ['@daily', '<none>', 'False', 0, '<none>', '60m', 'c,d', 'i:1,j:2', '<none>'],
    ],
  ])('%j', (of, cells) => {
    expect(shown('cronjobs', of)).toEqual([names, ['x', ...cells]]);
  });
});
