import { describe, expect, it } from 'vitest';
import { annotations, maxRevision, newSetAnnotations } from './revision';

const deployment = { metadata: { annotations: { note: 'x', [annotations.revision]: '9' } }, spec: { template: {} } };
const set = (own: Record<string, string>) => ({ metadata: { annotations: own } });

describe('the annotations of the newest ReplicaSet', () => {
  it("are the Deployment's, with a revision of its own", () => {
    expect(newSetAnnotations(deployment, set({}), 3n)).toEqual({ note: 'x', [annotations.revision]: '3' });
  });

  it('remember the revisions that it was', () => {
    const twice = newSetAnnotations(
      deployment,
      set(newSetAnnotations(deployment, set({ [annotations.revision]: '1' }), 3n)),
      5n,
    );
    expect(twice).toMatchObject({ [annotations.revision]: '5', [annotations.history]: '1,3' });
  });

  it('keep a higher revision, and one that is no number', () => {
    expect(newSetAnnotations(deployment, set({ [annotations.revision]: '7' }), 3n)[annotations.revision]).toBe('7');
    expect(newSetAnnotations(deployment, set({ [annotations.revision]: 'x' }), 3n)[annotations.revision]).toBe('x');
  });

  it('compare revisions as numbers', () => {
    expect(newSetAnnotations(deployment, set({ [annotations.revision]: '9' }), 10n)[annotations.revision]).toBe('10');
  });

  it('have revisions of any int64, and none of what is more', () => {
    const old = [
      set({ [annotations.revision]: '3546343826724305832' }),
      set({ [annotations.revision]: '99999999999999999999' }),
    ];
    expect(maxRevision(old) + 1n).toBe(3546343826724305833n);
  });

  it('forget the oldest revisions when the history gets long', () => {
    const history = Array.from({ length: 500 }, (_, i) => String(1000 + i)).join(',');
    const next =
      newSetAnnotations(deployment, set({ [annotations.revision]: '1500', [annotations.history]: history }), 1501n)[
        annotations.history
      ] ?? '';
    expect(next.length).toBeLessThanOrEqual(2000);
    expect(next.endsWith(',1499,1500')).toBe(true);
  });
});
