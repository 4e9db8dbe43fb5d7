import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@reckon/kernel';
import { ensurePki } from '@reckon/pki';

/** A certificate that says `system:masters`, signed by an authority that only itself knows. */
export async function strangersCertificate(): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-stranger-'));
  try {
    const { admin } = await ensurePki(folder, { clock: systemClock, serviceIp: '10.96.0.1', hosts: ['127.0.0.1'] });
    return { certPem: admin.certPem, keyPem: admin.keyPem };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
