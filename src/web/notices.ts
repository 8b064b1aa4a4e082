import type { Request, Response } from 'express';

/** What was done, for the page that comes next: it may be one of nobody, who has no session. */
const notices = {
  'signed-out': 'You are signed out.',
  'signed-out-everywhere': 'You are signed out in every browser.',
  'session-ended': 'That session was ended.',
  'account-deleted': 'Your account and everything that belonged to it were deleted.',
} as const;

const noticeCookie = 'followspot-notice';
const noticeOfCookies = new RegExp(`(?:^|; )${noticeCookie}=([\\w-]+)`);
const lastsMs = 60_000;

/** Has the next page say it. `path`: below which this app lives, as browsers see it. */
export function leaveNotice(response: Response, name: keyof typeof notices, path: string): void {
  const { secure } = response.req;
  response.cookie(noticeCookie, name, { path, secure, httpOnly: true, sameSite: 'lax', maxAge: lastsMs });
}

/** The sentence that was left for this page, once; `null` for none. Only our own sentences are ever said. */
export function takeNotice(request: Request, response: Response, path: string): string | null {
  const name = noticeOfCookies.exec(request.headers.cookie ?? '')?.[1];
  if (name === undefined) return null;
  response.clearCookie(noticeCookie, { path, httpOnly: true, sameSite: 'lax' });
  return Object.entries(notices).find(([each]) => each === name)?.[1] ?? null;
}
