import { describe, expect, it } from 'vitest';
import { judge, tableText } from './report';
import { rows } from './rows';

const row = (id: string) => rows.filter((r) => r.id === id);

describe('the report of the bench', () => {
  it('judges rates, times and limits against the floor of the same run', () => {
    const [create] = judge(row('create'), { create: { value: 1000, p99: 10 } }, { create: { value: 700, p99: 29 } });
    expect([create?.ratio, create?.isMet]).toEqual([0.7, true]);
    const [slow] = judge(row('create'), { create: { value: 1000, p99: 10 } }, { create: { value: 700, p99: 31 } });
    expect(slow?.isMet).toBe(false);
    const [list] = judge(row('list'), { list: { value: 40 } }, { list: { value: 60 } });
    expect(list?.isMet).toBe(false);
    const [memory] = judge(row('memory'), {}, { memory: { value: 299 } });
    expect(memory?.isMet).toBe(true);
  });

  it('tells apart what is below its budget and what falls below the share that is to be held', () => {
    const at = (value: number, p99: number) =>
      tableText(judge(row('create'), { create: { value: 1000, p99: 10 } }, { create: { value, p99 } }))
        .split(/\s+/)
        .at(-1);
    expect([at(650, 30), at(649, 30), at(300, 30), at(299, 30), at(300, 31)]).toEqual([
      'ok',
      'held',
      'held',
      'MISSED',
      'MISSED',
    ]);
  });

  it('says nothing of what was not measured', () => {
    const verdicts = judge(rows, { get: { value: 9000 } }, {});
    expect(verdicts.every((v) => v.isMet === undefined && v.ratio === undefined)).toBe(true);
    expect(tableText(verdicts).split('\n')).toHaveLength(rows.length + 1);
  });

  it('shows what another server did in the same run, and judges nothing by it', () => {
    const figures = { get: { value: 1800, p99: 50 } };
    const [verdict] = judge(row('get'), { get: { value: 8800, p99: 17 } }, { get: { value: 7000, p99: 20 } }, figures);
    expect([verdict?.isMet, verdict?.beside?.value]).toEqual([true, 1800]);
    const [head, line] = tableText(verdict === undefined ? [] : [verdict]).split('\n');
    expect(head).toMatch(/beside +beside p99$/);
    expect(line).toMatch(/ok +1800\/s +50\.0 ms$/);
  });

  it('prints a line that a person can read', () => {
    const text = tableText(
      judge(row('get'), { get: { value: 8800, p99: 17 } }, { get: { value: 7000, p50: 3, p99: 20 } }),
    );
    expect(text.split('\n')[1]).toBe('get   8800/s  7000/s   0.80  ≥ 65 %  3.00 ms  20.0 ms    17.0 ms  ok');
  });
});
