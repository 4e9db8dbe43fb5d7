import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FieldFacts, Structs } from './facts';
import { readModels } from './models';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reckon-models-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function model(name: string, fields: readonly string[], types = ''): void {
  writeFileSync(path.join(folder, `${name}.js`), fields.map((field) => `"baseName": "${field}",`).join('\n'));
  writeFileSync(path.join(folder, `${name}.d.ts`), types);
}
const field = (json: string): FieldFacts => ({
  go: json,
  json,
  type: { form: 'basic', name: 'string' },
  omitempty: true,
  omitzero: false,
  inline: false,
  number: 1,
  patchStrategy: '',
  patchMergeKey: '',
});
const structs = (name: string, ...fields: string[]): Structs => new Map([[name, fields.map(field)]]);

describe('the models of the OpenAPI', () => {
  it('must have the fields of the structs', () => {
    model('V1Pod', ['spec', 'status']);
    const models = readModels(folder);
    expect(() => {
      models.check(structs('core/v1.Pod', 'status', 'spec'));
    }).not.toThrow();
    expect(() => {
      models.check(structs('core/v1.Pod', 'spec', 'newer'));
    }).toThrow('core/v1.Pod: only in OpenAPI: status; only in Go: newer');
  });

  it('are found by their group where several have the name', () => {
    model('CoreV1Event', ['involvedObject']);
    model('EventsV1Event', ['regarding']);
    const models = readModels(folder);
    expect(() => {
      models.check(structs('events/v1.Event', 'regarding'));
    }).not.toThrow();
    expect(() => {
      models.check(structs('core/v1.Event', 'regarding'));
    }).toThrow('core/v1.Event');
  });

  it('say which lists and maps are required', () => {
    model('V1RoleRules', ['rules', 'names'], `    'rules': Array<V1PolicyRule>;\n    'names'?: Array<string>;\n`);
    const models = readModels(folder);
    expect(models.requires('rbac/v1.RoleRules', 'rules')).toBe(true);
    expect(models.requires('rbac/v1.RoleRules', 'names')).toBe(false);
    expect(models.requires('rbac/v1.Nothing', 'rules')).toBe(false);
  });
});
