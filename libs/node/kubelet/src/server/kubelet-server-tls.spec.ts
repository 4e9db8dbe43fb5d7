import { get } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { eventually, foreignAuthority } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeletOptions } from '../kubelet-options';
import { type KubeletRig, startKubeletRig } from '../testing/kubelet-rig.suite';

const servers = foreignAuthority('servers');
const [earlier, later] = [foreignAuthority('earlier clients'), foreignAuthority('later clients')];
const serving = (commonName: string): { cert: string; key: string } => {
  const { certPem, keyPem } = servers.issue({ commonName, ipAddresses: ['127.0.0.1'], usages: ['server'] });
  return { cert: certPem, key: keyPem };
};
const clientOf = (authority: typeof earlier): { cert: string; key: string } => {
  const { certPem, keyPem } = authority.issue({ commonName: 'apiserver', usages: ['client'] });
  return { cert: certPem, key: keyPem };
};

function tlsOf(socket: Socket): TLSSocket {
  if (!(socket instanceof TLSSocket)) throw new Error('a connection without TLS');
  return socket;
}

let r: KubeletRig;
let useCa: (caPem: string) => void;
let useCertificate: Parameters<NonNullable<KubeletOptions['listen']['onCertificate']>>[0];

beforeEach(async () => {
  r = await startKubeletRig({
    listen: {
      ...{ host: '127.0.0.1', port: 0, authorize: () => true },
      tls: serving('first'),
      clientCa: earlier.certPem,
      onClientCa: (use) => (useCa = use),
      onCertificate: (use) => (useCertificate = use),
      before(request, response) {
        response.end(String(tlsOf(request.socket).authorized));
        return Promise.resolve(true);
      },
    },
  });
});
afterEach(() => r.stop());

/** Who the server says it is, and whether it knows the client, on a connection of its own. */
const meet = (client: { cert: string; key: string }): Promise<{ server: unknown; knows: string }> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: r.kubelet.port, agent: false, ca: servers.certPem, ...client } as const;
    get(options, (response) => {
      const server: unknown = tlsOf(response.socket).getPeerCertificate().subject.CN;
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ server, knows: text });
      });
    }).on('error', reject);
  });

describe('TLS of the server of a kubelet', () => {
  it('takes other authorities of clients, and keeps its certificate', async () => {
    const [old, fresh] = [clientOf(earlier), clientOf(later)];
    expect(await meet(old)).toEqual({ server: 'first', knows: 'true' });
    expect(await meet(fresh)).toEqual({ server: 'first', knows: 'false' });
    useCa(later.certPem);
    await eventually(async () => {
      expect(await meet(fresh)).toEqual({ server: 'first', knows: 'true' });
    });
    expect(await meet(old)).toEqual({ server: 'first', knows: 'false' });
  });

  it('takes another certificate, and keeps the authorities that came last', async () => {
    const [old, fresh] = [clientOf(earlier), clientOf(later)];
    useCa(later.certPem);
    useCertificate(serving('second'));
    await eventually(async () => {
      expect(await meet(fresh)).toEqual({ server: 'second', knows: 'true' });
    });
    useCa(earlier.certPem);
    await eventually(async () => {
      expect(await meet(old)).toEqual({ server: 'second', knows: 'true' });
    });
    expect(await meet(fresh)).toEqual({ server: 'second', knows: 'false' });
  });

  it('stays as it is when what comes is of no use', async () => {
    expect(() => {
      useCertificate({ ...serving('third'), key: clientOf(later).key });
    }).toThrow();
    useCa(later.certPem);
    await eventually(async () => {
      expect(await meet(clientOf(later))).toEqual({ server: 'first', knows: 'true' });
    });
  });
});
