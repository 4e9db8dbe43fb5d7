import { describe, expect, it } from 'vitest';
import { isSameTemplate, podTemplateHash } from './pod-template-hash';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };

describe('the hash of a pod template', () => {
  it('is the same for the same template, however its fields are ordered', () => {
    const hash = podTemplateHash(template, undefined);
    // A change of this text would roll out every Deployment anew.
    expect(hash).toMatchInlineSnapshot(`"794686fc5b"`);
    expect(
      podTemplateHash(
        { spec: { containers: [{ image: 'web:1', name: 'web' }] }, metadata: { labels: { app: 'web' } } },
        undefined,
      ),
    ).toBe(hash);
  });

  it('changes with the template and with each collision', () => {
    const other = { ...template, spec: { containers: [{ name: 'web', image: 'web:2' }] } };
    const hashes = [
      podTemplateHash(template, undefined),
      podTemplateHash(template, 0),
      podTemplateHash(template, 1),
      podTemplateHash(other, undefined),
    ];
    expect(new Set(hashes).size).toBe(4);
  });

  it('is no part of what makes templates equal', () => {
    const marked = { ...template, metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } } };
    expect(isSameTemplate(template, marked)).toBe(true);
    expect(
      isSameTemplate(
        { spec: template.spec },
        { spec: template.spec, metadata: { labels: { 'pod-template-hash': 'x' } } },
      ),
    ).toBe(true);
    expect(isSameTemplate(template, { ...marked, metadata: { labels: { app: 'x', 'pod-template-hash': 'x' } } })).toBe(
      false,
    );
  });
});
