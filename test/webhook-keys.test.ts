import { describe, expect, it } from 'vitest';
import { webhookKeysOf } from '../src/webhook-keys.ts';

describe('the keys of webhooks', () => {
  it('follow from the secret of the app, and are others with another one', () => {
    const keys = webhookKeysOf(['the secret of an app'], null);
    expect(webhookKeysOf(['the secret of an app'], null)).toEqual(keys);
    expect(keys.accepted).toEqual([keys.secret]);
    const others = webhookKeysOf(['another secret of an app'], null);
    expect(others.secret).not.toBe(keys.secret);
    expect(others.fingerprint).not.toBe(keys.fingerprint);
  });

  it('accept what earlier secrets of the app have signed', () => {
    const before = webhookKeysOf(['the secret of an app'], null);
    const after = webhookKeysOf(['another secret of an app', 'the secret of an app'], null);
    expect(after.accepted).toEqual([after.secret, before.secret]);
  });

  it('accept what was signed before webhooks had a secret of their own', () => {
    const before = webhookKeysOf(['the secret of an app'], null);
    const after = webhookKeysOf(['the secret of an app'], 'a secret for webhooks');
    expect(after.secret).toBe('a secret for webhooks');
    expect(after.accepted).toEqual([after.secret, before.secret]);
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });

  it('accept what an earlier secret for webhooks has signed', () => {
    const before = webhookKeysOf(['the secret of an app'], 'a secret for webhooks');
    const after = webhookKeysOf(['the secret of an app'], 'a new one', ['a secret for webhooks']);
    expect(after.secret).toBe('a new one');
    expect(after.accepted).toEqual([after.secret, ...before.accepted]);
    const derived = webhookKeysOf(['the secret of an app'], null, ['a secret for webhooks']);
    expect(new Set(derived.accepted)).toEqual(new Set(before.accepted));
    expect(derived.secret).not.toBe(before.secret);
  });

  it('tell nothing of the secret in the address', () => {
    const { secret, fingerprint } = webhookKeysOf(['the secret of an app'], null);
    expect(fingerprint).toMatch(/^[0-9a-f]{8}$/);
    expect(secret).not.toContain(fingerprint);
  });
});
