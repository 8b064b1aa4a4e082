/** Whether Twitch would send webhooks there; `allowsPlain`: plain http on this machine, too. */
export function isCallback(address: string, allowsPlain: boolean): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, port, hostname } = new URL(address);
  if (protocol === 'https:') return port === '';
  return allowsPlain && protocol === 'http:' && loopback.has(hostname);
}

/** 10 to 100 characters of ASCII. */
export function isSecret(secret: string): boolean {
  return /^[\x20-\x7e]{10,100}$/.test(secret);
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
