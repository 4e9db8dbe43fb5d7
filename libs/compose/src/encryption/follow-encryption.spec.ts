import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsRegistry, type Running, fakeClock, silentLogger } from '@reckon/kernel';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { encryptionChoice, followEncryption } from './follow-encryption';

let folder: string;
let following: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-follow-encryption-'));
});
afterEach(async () => {
  await following?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const configuration = (resource: string): string =>
  JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: [resource], providers: [{ identity: {} }] }],
  });

it('counts reloads of the encryption configuration, good and bad, and names the one in force', async () => {
  const file = join(folder, 'encryption.yaml');
  writeFileSync(file, configuration('secrets'));
  const { encryption: choice } = await encryptionChoice({ file, isFollowed: true });
  if (choice === undefined) throw new Error('nothing was chosen');
  const clock = fakeClock();
  const metrics = new MetricsRegistry();
  let used = 0;
  following = followEncryption({
    choice,
    clock,
    timers: clock,
    logger: silentLogger,
    metrics,
    use: () => {
      used++;
      return Promise.resolve();
    },
  });
  const prefix = 'apiserver_encryption_config_controller_';
  const inForce = (): string =>
    /_last_config_info\{.*hash="(sha256:[0-9a-f]{64})"\} 1$/m.exec(metrics.render())?.[1] ?? '';
  const first = inForce();
  writeFileSync(file, 'kind: [');
  await vi.waitFor(async () => {
    await clock.advance(1_000);
    expect(metrics.render()).toContain(`${prefix}automatic_reloads_total{apiserver_id_hash="",status="failure"} 1\n`);
  });
  expect(inForce()).toBe(first);
  writeFileSync(file, configuration('configmaps'));
  await vi.waitFor(async () => {
    await clock.advance(1_000);
    expect(metrics.render()).toContain(`${prefix}automatic_reloads_total{apiserver_id_hash="",status="success"} 1\n`);
  });
  expect([used, inForce() === first]).toEqual([1, false]);
  expect(metrics.render()).toMatch(
    /automatic_reload_last_timestamp_seconds\{apiserver_id_hash="",status="success"\} 17672\d+/,
  );
});
