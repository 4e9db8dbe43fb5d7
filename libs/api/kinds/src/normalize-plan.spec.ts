import { describe, expect, it } from 'vitest';
import { createKindRegistry } from './kind-registry';
import type { PlanRun } from './normalize-plan';

// That the order of members makes no difference is shown for every kind by `decode/round-trip.spec.ts`.

const registry = createKindRegistry();
const pod = { group: '', version: 'v1', kind: 'Pod' };

function normal(kind: typeof pod, value: unknown): { value: unknown; run: PlanRun } {
  const struct = registry.structOf(kind);
  if (struct === undefined) throw new Error(`no kind ${kind.kind}`);
  const run = { keys: 0, doubtful: false };
  return { value: registry.plans.ofStruct(struct)(value, run), run };
}

describe('normalisation', () => {
  it.each([
    ['in order', { metadata: { name: 'a' }, spec: { nodeName: 'n' } }],
    ['out of order', { spec: { nodeName: 'n' }, metadata: { name: 'a' } }],
  ])('puts the fields that Go always writes between members that stand %s', (_, object) => {
    const { value, run } = normal(pod, object);
    expect(JSON.stringify(value)).toBe(
      '{"metadata":{"name":"a"},"spec":{"containers":null,"nodeName":"n"},"status":{}}',
    );
    expect(run).toEqual({ keys: 4, doubtful: false });
  });

  it('doubts a member that no field has, and one that is undefined', () => {
    expect(normal(pod, { metadata: {}, spex: {} }).run.doubtful).toBe(true);
    expect(normal(pod, { metadata: undefined, spec: {} }).run.doubtful).toBe(true);
  });

  it('keeps an empty list where it means something else than none', () => {
    const autoscaler = { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' };
    const object = { spec: { metrics: [], behavior: { scaleUp: { policies: [] }, scaleDown: {} } } };
    expect(normal(autoscaler, object).value).toMatchObject({
      spec: { behavior: { scaleUp: { policies: [] }, scaleDown: {} } },
    });
    expect(normal(autoscaler, object).value).not.toHaveProperty('spec.metrics');
    expect(normal(autoscaler, object).value).not.toHaveProperty('spec.behavior.scaleDown.policies');
  });

  it('takes time in proportion to the depth, also when no level is in order', () => {
    let schema: Record<string, unknown> = { type: 'object' };
    for (let i = 0; i < 200; i++) schema = { type: 'object', not: schema, description: 'd' };
    const { run } = normal(
      { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
      { spec: { versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] } },
    );
    expect(run.doubtful).toBe(false);
  });
});
