import { type WrappingKeyUse, toldKey } from '@reckon/store/log';

/** What `/debug/encryption` tells: how many entries each key of the configuration has. A key that is not named here can go. */
export const encryptionState = (use: readonly WrappingKeyUse[]): readonly object[] =>
  use.map(({ name, entries }) => ({ key: toldKey(name), fingerprint: name.slice(name.lastIndexOf(':') + 1), entries }));
