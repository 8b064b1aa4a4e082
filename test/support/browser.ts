import { accessSync, constants } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** `true`, or why this machine has no browser for the journeys. */
export const browserAvailable: true | string = probe();

/** A Chromium without a window that asks nobody on the network for anything; `hosts` are names of this machine. */
export async function launchBrowser(...hosts: string[]): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--disable-sync',
      '--disable-quic',
      ...hosts.map((host) => `--host-resolver-rules=MAP ${host} 127.0.0.1`),
    ],
  });
}

/** A page in a browser profile of its own. */
export interface Visit {
  page: Page;
  /**
   * What the console complained of (breaches of the content security policy are among it), scripts that
   * failed, and requests that failed or were answered with an error.
   */
  problems: string[];
  close: () => Promise<void>;
}

/** `cookie` as the `Cookie` header has it; it is for `origin`. */
export async function openPage(
  browser: Browser,
  origin: string,
  { cookie, ...options }: BrowserContextOptions & { cookie?: string } = {},
): Promise<Visit> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(10_000);
  if (cookie !== undefined) {
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: `${origin}/twitch` }]);
  }
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => void problems.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => {
    // What is under way when one leaves a page ends like this.
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') problems.push(`request: ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`answer: ${response.url()} ${response.status()}`);
  });
  return { page, problems, close: () => context.close() };
}

function probe(): true | string {
  try {
    accessSync(executablePath, constants.X_OK);
    return true;
  } catch {
    return `there is no Chromium at ${executablePath} (CHROMIUM_PATH)`;
  }
}
