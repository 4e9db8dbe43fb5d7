import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { conditionFlags, conditionsText } from './conditions';

const none = { hasAudit: false, hasUser: false, hasHttp2: false };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reckon-conditions-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the conditions of the bench', () => {
  it('are none unless asked for', () => {
    expect(conditionFlags(none, folder)).toEqual([]);
    expect(conditionsText(none)).toBe(
      'audit: off; RBAC and flow control: on, but they let the clients (system:masters) pass; relay: off; disk: as it is; HTTP/2: off',
    );
  });

  it('combine', () => {
    const all = { hasAudit: true, hasUser: true, hasHttp2: true, nats: 'nats://127.0.0.1:4222', diskMs: 3 };
    const flags = conditionFlags(all, folder);
    expect(flags).toEqual([
      '--audit-policy-file',
      path.join(folder, 'audit-policy.yaml'),
      '--audit-log-path',
      path.join(folder, 'audit.log'),
      '--nats',
      'nats://127.0.0.1:4222',
    ]);
    expect(conditionsText(all)).toBe(
      'audit: Metadata, to a file; RBAC and flow control: on, for the clients too; relay: nats://127.0.0.1:4222; disk: 3 ms more for each flush; HTTP/2: on, in the column "beside"',
    );
  });

  it('write everything down at Metadata level', () => {
    conditionFlags({ ...none, hasAudit: true }, folder);
    expect(parse(readFileSync(path.join(folder, 'audit-policy.yaml'), 'utf8'))).toEqual({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      rules: [{ level: 'Metadata' }],
    });
  });
});
