import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldDescriptions } from './field-descriptions.mjs';

const models = path.resolve(import.meta.dirname, '../../node_modules/@kubernetes/client-node/dist/gen/models');

describe('field descriptions', () => {
  it('are found for structs and fields, in the class that a group shares its name with', async () => {
    const found = await fieldDescriptions(models, [
      'meta/v1.ObjectMeta',
      'core/v1.Event',
      'events/v1.Event',
      'core/v1.Nope',
    ]);
    expect(Object.keys(found)).toEqual(['meta/v1.ObjectMeta', 'core/v1.Event', 'events/v1.Event']);
    expect(found['meta/v1.ObjectMeta']?.name).toMatch(/^Name must be unique within a namespace\./);
    expect(found['meta/v1.ObjectMeta']?.creationTimestamp).toContain('\n\nPopulated by the system.');
    expect(found['core/v1.Event']?.involvedObject).not.toBe('');
    expect(found['events/v1.Event']?.regarding).not.toBe('');
    expect(JSON.stringify(found)).not.toMatch(/\\\\'/);
  });
});
