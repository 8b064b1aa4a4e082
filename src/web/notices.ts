import type { Request, Response } from 'express';

/** What was done, for the page that comes next: it may be one of nobody, who has no session. `{}` is for a name. */
const notices = {
  'signed-out': 'You are signed out.',
  'signed-out-everywhere': 'You are signed out in every browser.',
  'session-ended': 'That session was ended.',
  'account-deleted': 'Your account and everything that belonged to it were deleted.',
  saved: 'Saved.',
  'turned-on': 'Turned on.',
  'turned-on-again': 'Turned on again: {}.',
  'turned-off': 'Turned off.',
  'other-account': 'At Twitch you were {}, not {}: nothing was turned on.',
} as const;

export type NoticeName = keyof typeof notices;

const noticeCookie = 'followspot-notice';
const noticeOfCookies = new RegExp(`(?:^|; )${noticeCookie}=([^;]+)`);
const lastsMs = 60_000;

/** Has the next page say it, with these names. `path`: below which this app lives, as browsers see it. */
export function leaveNotice(response: Response, name: NoticeName, path: string, names: string[] = []): void {
  const { secure } = response.req;
  const value = new URLSearchParams([['said', name], ...names.map((each) => ['name', each])]).toString();
  response.cookie(noticeCookie, value, {
    path,
    secure,
    httpOnly: true,
    sameSite: 'lax',
    maxAge: lastsMs,
    encode: String,
  });
}

/**
 * The sentence that was left for this page, once; `null` for none, and for a script, which would not show it. Only our
 * own sentences are ever said.
 */
export function takeNotice(request: Request, response: Response, path: string): string | null {
  const left = noticeOfCookies.exec(request.headers.cookie ?? '')?.[1];
  if (left === undefined || request.get('X-Requested-With') !== undefined) return null;
  response.clearCookie(noticeCookie, { path, httpOnly: true, sameSite: 'lax' });
  const values = new URLSearchParams(left);
  const sentence = Object.entries(notices).find(([each]) => each === values.get('said'))?.[1];
  const names = values.getAll('name');
  if (sentence?.split('{}').length !== names.length + 1) return null;
  return sentence.replaceAll('{}', () => names.shift() ?? '');
}
