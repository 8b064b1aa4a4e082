import { STATUS_CODES } from 'node:http';
import type { Request, Response } from 'express';
import type { RateLimit } from './rate-limit.ts';
import type { LiveGrant, Tokens } from './tokens.ts';
import type { World } from './world.ts';

/** What decides who may ask the API. */
export interface AdmissionParts {
  clientId: string;
  world: World;
  tokens: Tokens;
  rateLimit: RateLimit;
}

/** What the request's token stands for, or `null` when the request has been refused. Takes a point of the bucket. */
export function admitted(
  { clientId, tokens, world, rateLimit }: AdmissionParts,
  request: Request,
  response: Response,
): LiveGrant | null {
  const token = /^Bearer (\S+)$/i.exec(request.get('Authorization') ?? '')?.[1];
  const grant = tokens.check(token ?? '');
  const asked = request.get('Client-Id');
  if (token === undefined) refuse(response, 401, 'OAuth token is missing');
  else if (asked === undefined) refuse(response, 401, 'Client ID is missing');
  else if (grant === null || world.findById(grant.userId ?? '')?.banned === true)
    refuse(response, 401, 'Invalid OAuth token');
  else if (asked !== clientId) refuse(response, 401, 'Client ID and OAuth token do not match');
  else if (!rateLimit.take(grant.userId ?? 'app', response)) refuse(response, 429, 'Request limit exceeded');
  else return grant;
  return null;
}

/** An error as the API writes it, with more fields where there are any. */
export function refuse(response: Response, status: number, message: string, more: object = {}): void {
  response.status(status).json({ error: STATUS_CODES[status] ?? 'Error', status, message, ...more });
}
