import { statusErrors } from '@reckon/api/machinery';
import { HistoryError, type HistorySource } from '@reckon/history';
import { describe, expect, it } from 'vitest';
import { reachedSource } from './reached-source';

const failing = (error: Error): HistorySource => ({
  resources: () => Promise.reject(error),
  position: () => Promise.reject(error),
  revisionAt: () => Promise.reject(error),
  lines: () => {
    throw error;
  },
  entries: () => {
    throw error;
  },
  close: () => Promise.resolve(),
});

const errorsOf = async (error: Error): Promise<unknown[]> => {
  const source = reachedSource(failing(error), 'https://127.0.0.1:1');
  const answers = await Promise.allSettled([source.resources(), source.position(), source.revisionAt(0)]);
  return answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as unknown) : answer.value));
};

describe('a server that keeps the history', () => {
  it.each(['ECONNREFUSED', 'SELF_SIGNED_CERT_IN_CHAIN', 'UND_ERR_SOCKET'])(
    'is named when %s is in the way',
    async (code) => {
      const cause = Object.assign(new Error('it is not so'), { code });
      for (const error of await errorsOf(cause)) {
        expect(error).toBeInstanceOf(HistoryError);
        expect(error).toMatchObject({
          code: 'Unreachable',
          message: 'https://127.0.0.1:1 cannot be asked: it is not so',
          hint: expect.stringContaining('--kubeconfig') as string,
          cause,
        });
      }
    },
  );

  it('is believed in what it answers, and our own mistakes stay what they are', async () => {
    for (const error of [
      statusErrors.notFound({ group: '', resource: 'pods' }, 'a'),
      new HistoryError('BadName', 'no', 'Yes.'),
      new TypeError('no'),
    ])
      expect(await errorsOf(error)).toEqual([error, error, error]);
  });
});
