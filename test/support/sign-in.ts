import type { Response } from 'supertest';
import type { Browser, TestApp } from './app.ts';

/** Walks through Twitch's consent page as a browser would, and returns the address that leads back to us. */
export async function consent(
  app: TestApp,
  authorizeUrl: string,
  options: { person?: string; decision?: 'authorise' | 'cancel' } = {},
): Promise<string> {
  const url = new URL(authorizeUrl);
  const person = app.simulator.world.find(options.person ?? 'ada_follows');
  if (person === null) throw new Error('The simulator has no such person');
  const form = new URLSearchParams({ person: person.id, decision: options.decision ?? 'authorise' });
  for (const [name, value] of url.searchParams) form.append(name, value);
  const answer = await fetch(`${app.twitchUrl}/oauth2/authorize`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`Twitch did not send the browser back (${answer.status})`);
  return location;
}

/** Signs a browser in, from the link to the page that it comes back to. */
export async function signIn(
  app: TestApp,
  browser: Browser,
  person?: string,
  path = '/twitch/sign-in',
): Promise<Response> {
  const begun = await browser.get(path);
  const back = await consent(app, String(begun.headers['location']), person === undefined ? {} : { person });
  return await browser.get(pathOf(back));
}

/** What a browser asks its server for. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://localhost');
  return pathname + search;
}
