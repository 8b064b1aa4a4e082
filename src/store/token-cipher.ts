import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** Seals short secrets with AES-256-GCM. `context` has to be the same when a text is opened again. */
export interface TokenCipher {
  /** Names the key that seals; it is stored beside the text and tells nothing about the key. */
  keyId: string;
  seal(text: string, context: string): string;
  /** `null` when the key is unknown, the context differs or the text was tampered with. */
  open(sealed: string, keyId: string, context: string): string | null;
}

/** The first secret seals; all of them open, so that a secret can be replaced without losing what it sealed. */
export function createTokenCipher(secrets: [string, ...string[]]): TokenCipher {
  const [secret, ...previous] = secrets;
  const current = deriveKey(secret);
  const keys = new Map([...previous.map(deriveKey), current].map((key) => [key.id, key.bytes]));
  return {
    keyId: current.id,
    seal: (text, context) => seal(current.bytes, text, context),
    open(sealed, keyId, context) {
      const key = keys.get(keyId);
      return key === undefined ? null : open(key, sealed, context);
    },
  };
}

const nonceBytes = 12;
const tagBytes = 16;

function deriveKey(secret: string): { id: string; bytes: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'followspot token encryption v1', 32));
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes };
}

function seal(key: Buffer, text: string, context: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function open(key: Buffer, sealed: string, context: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
      'utf8',
    );
  } catch {
    return null;
  }
}
