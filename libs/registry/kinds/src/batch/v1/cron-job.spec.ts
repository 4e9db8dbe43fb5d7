import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const given = {
  metadata: { name: 'nightly', namespace: 'team', uid: 'u' },
  spec: {
    schedule: '0 3 * * *',
    jobTemplate: {
      spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'i:1' }] } } },
    },
  },
};
type Changes = Record<string, unknown>;
const make = (changes: Changes = {}): ReturnType<typeof runCreate> =>
  runCreate('batch/cronjobs', changed(given, changes));
const update = (old: KubeObject, changes: Changes, subresource = ''): ReturnType<typeof runUpdate> =>
  runUpdate('batch/cronjobs', old, changed(old, changes), subresource);
const notNegative = 'must be greater than or equal to 0';
const zoneRefused = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
const zoneWarned =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

describe('a new cron job', () => {
  it('gets the defaults of the API, but its job those of its template only', () => {
    const { object } = make({ 'status.active': [{ name: 'a' }] });
    expect(object).toMatchObject({
      metadata: { generation: 1 },
      spec: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
    });
    expect(object['status']).toEqual({});
    const { jobTemplate } = object['spec'] as { jobTemplate: { spec: object } };
    expect(Object.keys(jobTemplate.spec)).toEqual(['template']);
    expect(jobTemplate.spec).toMatchObject({ template: { spec: { dnsPolicy: 'ClusterFirst' } } });
  });

  it.each<[Changes, ...string[]]>([
    [{}],
    [{ 'spec.schedule': '' }, 'spec.schedule: Required value'],
    [
      { 'spec.schedule': '0 3 * *' },
      'spec.schedule: Invalid value: "0 3 * *": expected exactly 5 fields, found 4: [0 3 * *]',
    ],
    [{ 'spec.schedule': 'TZ=UTC 0 3 * * *' }, `spec.schedule: Invalid value: "TZ=UTC 0 3 * * *": ${zoneRefused}`],
    [
      { 'spec.schedule': 'CRON_TZ=Mars 0 3 * * *' },
      'spec.schedule: Invalid value: "CRON_TZ=Mars 0 3 * * *": provided bad location Mars: unknown time zone Mars',
      `spec.schedule: Invalid value: "CRON_TZ=Mars 0 3 * * *": ${zoneRefused}`,
    ],
    [{ 'spec.timeZone': 'Europe/Berlin' }],
    [{ 'spec.timeZone': '' }, 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
    [{ 'spec.timeZone': 'Mars/Base' }, 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
    [
      { 'spec.timeZone': 'Europe//Berlin' },
      'spec.timeZone: Invalid value: "Europe//Berlin": unknown time zone Europe//Berlin',
    ],
    [{ 'spec.timeZone': '../UTC' }, 'spec.timeZone: Invalid value: "../UTC": unknown time zone ../UTC'],
    [
      { 'spec.timeZone': 'Europe/Berlin_and_surroundings' },
      'spec.timeZone: Invalid value: "Europe/Berlin_and_surroundings": unknown time zone Europe/Berlin_and_surroundings',
    ],
    [
      { 'spec.timeZone': 'Local' },
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
    [
      { 'spec.timeZone': 'LOCAL' },
      'spec.timeZone: Invalid value: "LOCAL": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      'spec.timeZone: Invalid value: "LOCAL": unknown time zone LOCAL',
    ],
    [{ 'spec.startingDeadlineSeconds': -1 }, `spec.startingDeadlineSeconds: Invalid value: -1: ${notNegative}`],
    [{ 'spec.successfulJobsHistoryLimit': -1 }, `spec.successfulJobsHistoryLimit: Invalid value: -1: ${notNegative}`],
    [{ 'spec.failedJobsHistoryLimit': -1 }, `spec.failedJobsHistoryLimit: Invalid value: -1: ${notNegative}`],
    [{ 'spec.concurrencyPolicy': 'Replace' }],
    [
      { 'spec.concurrencyPolicy': 'Wait' },
      'spec.concurrencyPolicy: Unsupported value: "Wait": supported values: "Allow", "Forbid", "Replace"',
    ],
    [
      { 'spec.jobTemplate.spec.parallelism': -1 },
      `spec.jobTemplate.spec.parallelism: Invalid value: -1: ${notNegative}`,
    ],
    [
      { 'spec.jobTemplate.spec.selector': { matchLabels: { a: 'b' } } },
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
    ],
    [
      { 'spec.jobTemplate.spec.manualSelector': true },
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
    [{ 'spec.jobTemplate.spec.manualSelector': false }],
    [
      { 'spec.jobTemplate.spec.template.spec.restartPolicy': 'Always' },
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [{ 'metadata.name': 'a'.repeat(52) }],
    [
      { 'metadata.name': 'a'.repeat(53) },
      `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('warns of its name and of the template of its jobs', () => {
    const grace = 'spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds';
    expect(make({ 'metadata.name': 'a.b', [grace]: -1 }).warnings).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      `${grace}: must be >= 0; negative values are invalid and will be treated as 1`,
    ]);
  });
});

describe('a cron job that changes', () => {
  const old = make().object;
  const zoned = changed(old, { 'spec.schedule': 'TZ=UTC 0 3 * * *' });

  it('may have had too long a name, and a time zone that is unknown by now', () => {
    const before = changed(old, { 'metadata.name': 'a'.repeat(60), 'spec.timeZone': 'Mars/Base' });
    expect(update(before, { 'spec.suspend': true }).refusals).toEqual([]);
    expect(update(before, { 'spec.timeZone': 'Mars/Other' }).refusals).toEqual([
      'spec.timeZone: Invalid value: "Mars/Other": unknown time zone Mars/Other',
    ]);
  });

  it('keeps a zone in its schedule, if it had one there', () => {
    const { refusals, warnings } = update(zoned, { 'spec.schedule': 'TZ=UTC 0 4 * * *' });
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([zoneWarned]);
    expect(update(zoned, { 'spec.timeZone': 'UTC' }).refusals).toEqual([
      'spec.schedule: Invalid value: "TZ=UTC 0 3 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
    ]);
    expect(update(old, { 'spec.schedule': 'TZ=UTC 0 3 * * *' }).refusals).toEqual([
      `spec.schedule: Invalid value: "TZ=UTC 0 3 * * *": ${zoneRefused}`,
    ]);
  });

  it('counts changes of its spec, and keeps spec and status apart', () => {
    const both = { 'spec.suspend': true, 'status.lastScheduleTime': '2026-01-01T00:00:00Z' };
    const { object } = update(old, both);
    expect(object).toMatchObject({ metadata: { generation: 2 }, spec: { suspend: true } });
    expect(object['status']).toEqual({});
    expect(update(old, both, 'status').object).toMatchObject({
      metadata: { generation: 1 },
      spec: { suspend: false },
      status: { lastScheduleTime: '2026-01-01T00:00:00Z' },
    });
  });
});
