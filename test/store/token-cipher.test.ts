import { describe, expect, it } from 'vitest';
import { createTokenCipher } from '../../src/store/token-cipher.ts';

describe('the token cipher', () => {
  const cipher = createTokenCipher(['the current secret']);

  it('opens what it sealed, in the same context only', () => {
    const sealed = cipher.seal('wörds', '501 access');
    expect(cipher.open(sealed, cipher.keyId, '501 access')).toBe('wörds');
    expect(cipher.open(sealed, cipher.keyId, '502 access')).toBeNull();
  });

  it('never seals alike', () => {
    expect(cipher.seal('words', 'a')).not.toBe(cipher.seal('words', 'a'));
  });

  it('refuses every changed byte and every shorter text', () => {
    const sealed = Buffer.from(cipher.seal('words', 'a'), 'base64url');
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(cipher.open(changed.toString('base64url'), cipher.keyId, 'a')).toBeNull();
      expect(cipher.open(sealed.subarray(0, index).toString('base64url'), cipher.keyId, 'a')).toBeNull();
    }
    expect(cipher.open(sealed.toString('base64url'), cipher.keyId, 'a')).toBe('words');
  });

  it('opens with earlier secrets and refuses unknown ones', () => {
    const sealed = cipher.seal('words', 'a');
    const rotated = createTokenCipher(['another secret', 'the current secret']);
    expect(rotated.keyId).not.toBe(cipher.keyId);
    expect(rotated.open(sealed, cipher.keyId, 'a')).toBe('words');
    expect(createTokenCipher(['another secret']).open(sealed, cipher.keyId, 'a')).toBeNull();
  });
});
