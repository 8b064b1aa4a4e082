import { describe, expect, it } from 'vitest';
import { webhookKeysOf } from '../src/webhook-keys.ts';

describe('the keys of webhooks', () => {
  it('follow from the secret of the app, and are others with another one', () => {
    const keys = webhookKeysOf(['the secret of an app'], []);
    expect(webhookKeysOf(['the secret of an app'], [])).toEqual(keys);
    expect(keys.accepted).toEqual([keys.secret]);
    const others = webhookKeysOf(['another secret of an app'], []);
    expect(others.secret).not.toBe(keys.secret);
    expect(others.fingerprint).not.toBe(keys.fingerprint);
  });

  it('accept what earlier secrets of the app have signed', () => {
    const before = webhookKeysOf(['the secret of an app'], []);
    const after = webhookKeysOf(['another secret of an app', 'the secret of an app'], []);
    expect(after.accepted).toEqual([after.secret, before.secret]);
  });

  it('accept what was signed before webhooks had a secret of their own', () => {
    const before = webhookKeysOf(['the secret of an app'], []);
    const after = webhookKeysOf(['the secret of an app'], ['a secret for webhooks']);
    expect(after.secret).toBe('a secret for webhooks');
    expect(after.accepted).toEqual([after.secret, before.secret]);
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });

  it('accept what an earlier secret for webhooks has signed', () => {
    const before = webhookKeysOf(['the secret of an app'], ['a secret for webhooks']);
    const after = webhookKeysOf(['the secret of an app'], ['a new one', 'a secret for webhooks']);
    expect(after.secret).toBe('a new one');
    expect(after.accepted).toEqual([after.secret, ...before.accepted]);
  });

  it('tell nothing of the secret in the address', () => {
    const { secret, fingerprint } = webhookKeysOf(['the secret of an app'], []);
    expect(fingerprint).toMatch(/^[0-9a-f]{8}$/);
    expect(secret).not.toContain(fingerprint);
  });
});
