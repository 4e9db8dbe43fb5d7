import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { certificateApprovingController } from './approving-controller';
import { type CertificateRequest, certificateRequests } from './certificate-request';
import { certificateRequest, nodeWish, servingUsages } from './certificate-requests.suite';
import { signerNames } from './signer-rules';

let harness: ClientHarness;
afterEach(() => harness.stop());

const asked: string[] = [];
let rights: readonly string[] = [];

const start = async (request: CertificateRequest): Promise<void> => {
  asked.length = 0;
  harness = await startControllersForTest([certificateApprovingController], {
    prepare: ({ api }) => {
      api.allow(({ user = '', groups, resourceAttributes: a }) => {
        asked.push(
          `${user} ${String(groups)} ${a?.verb ?? ''} ${a?.resource ?? ''}.${a?.group ?? ''}/${a?.subresource ?? ''}`,
        );
        return rights.includes(a?.subresource ?? '');
      });
      api.store.create(certificateRequests, '', request);
    },
  });
};
const conditions = (): unknown =>
  (harness.api.store.get(certificateRequests, '', 'csr') as CertificateRequest).status?.conditions;
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
const approval = (message: string): object => ({ type: 'Approved', status: 'True', reason: 'AutoApproved', message });

describe('the approving controller', () => {
  it('approves the certificate of a new node, for who may have one for any node', async () => {
    rights = ['nodeclient'];
    await start(certificateRequest(nodeWish));
    await eventually(() => {
      expect(conditions()).toEqual([approval('Auto approving kubelet client certificate after SubjectAccessReview.')]);
    });
    expect(asked).toEqual([
      'system:bootstrap:abcdef system:bootstrappers,system:authenticated create certificatesigningrequests.certificates.k8s.io/nodeclient',
    ]);
  });

  it('approves the next certificate of a node, for who is that node', async () => {
    rights = ['selfnodeclient'];
    await start(certificateRequest(nodeWish, { username: 'system:node:n1', groups: ['system:nodes'] }));
    await eventually(() => {
      expect(conditions()).toEqual([
        approval('Auto approving self kubelet client certificate after SubjectAccessReview.'),
      ]);
    });
  });

  it('does not let a node be another one', async () => {
    rights = ['selfnodeclient'];
    await start(certificateRequest(nodeWish, { username: 'system:node:n2' }));
    await eventually(() => {
      expect(asked).toHaveLength(1);
    });
    expect(asked[0]).toContain('/nodeclient');
    expect(conditions()).toBeUndefined();
  });

  it('looks again whether a right was given meanwhile', async () => {
    rights = [];
    await start(certificateRequest(nodeWish));
    await eventually(() => {
      expect(asked).not.toHaveLength(0);
    });
    expect(conditions()).toBeUndefined();
    rights = ['nodeclient'];
    await eventually(() => {
      expect(conditions()).toBeDefined();
    });
  });

  it.each<[string, CertificateRequest]>([
    [
      'serving certificates',
      certificateRequest(
        { ...nodeWish, dnsNames: ['n1'] },
        { signerName: signerNames.kubeletServing, usages: servingUsages },
      ),
    ],
    [
      'client certificates of people',
      certificateRequest({ commonName: 'jane' }, { signerName: signerNames.apiClient, usages: ['client auth'] }),
    ],
    [
      'what no kubelet would ask for',
      certificateRequest({ commonName: 'system:node:n1', organizations: ['system:masters'] }),
    ],
    ['what was denied', certificateRequest(nodeWish, {}, [{ type: 'Denied', status: 'True' }])],
    ['what is no request', certificateRequest(nodeWish, { request: 'eA==' })],
  ])('leaves %s to people', async (_name, request) => {
    rights = ['nodeclient', 'selfnodeclient'];
    await start(request);
    await settle();
    expect(conditions()).toEqual(request.status?.conditions);
    expect(asked).toEqual([]);
  });
});
