import express, { type Request, type Response, type Router } from 'express';
import type { Account } from './account.ts';
import { consentPage, problemPage, type ConsentRequest } from './consent-page.ts';
import { sendPage } from './page.ts';
import { bodyOf, parametersOf, single } from './parameters.ts';
import { isScope } from './scopes.ts';
import type { Issued, Tokens } from './tokens.ts';
import type { World } from './world.ts';

/** The one registered application. Redirect URIs are compared to the letter; the first one takes the mismatches. */
export interface Client {
  clientId: string;
  clientSecret: string;
  redirectUris: string[];
}

interface Parts {
  client: Client;
  world: World;
  tokens: Tokens;
  /** The path under which browsers find the simulator. */
  basePath: string;
}

/** Twitch's `/oauth2`. */
export function createOAuth(parts: Parts): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.get('/authorize', (request, response) => askForConsent(parts, parametersOf(request), response));
  router.post('/authorize', form, (request, response) => takeConsent(parts, request, response));
  router.post('/token', form, (request, response) => answerTokenRequest(parts, bodyOf(request), response));
  router.get('/validate', (request, response) => validate(parts, request, response));
  router.post('/revoke', form, (request, response) => revoke(parts, bodyOf(request), response));
  router.use((_request, response) => refuse(response, 404, 'not found'));
  return router;
}

function askForConsent(
  parts: Parts,
  parameters: URLSearchParams,
  response: Response,
  missingChoice = false,
): void {
  const asked = checkedRequest(parts, parameters, response);
  if (asked === null) return;
  const { world, tokens, basePath } = parts;
  const remembered = world.findById(tokens.lastConsent() ?? '');
  const known = remembered !== null && !asked.forceVerify && tokens.hasConsented(remembered.id, asked.scopes);
  sendPage(
    response,
    basePath,
    consentPage({
      world,
      basePath,
      asked,
      clientId: parts.client.clientId,
      chosen: known ? remembered : null,
      missingChoice,
    }),
  );
}

function takeConsent(parts: Parts, request: Request, response: Response): void {
  const answer = bodyOf(request);
  if (request.get('Sec-Fetch-Site') === 'cross-site')
    return refuse(response, 403, 'only the consent page itself may answer');
  const asked = checkedRequest(parts, answer, response);
  if (asked === null) return;
  if (single(answer, 'decision') !== 'authorise') {
    return sendBack(response, asked.redirectUri, {
      error: 'access_denied',
      error_description: 'The user denied you access',
      state: asked.state,
    });
  }
  const person = personWhoMaySignIn(parts.world, single(answer, 'person'));
  if (person === null) return askForConsent(parts, answer, response, true);
  const code = parts.tokens.issueCode(person.id, asked.scopes, asked.redirectUri);
  sendBack(response, asked.redirectUri, { code, scope: asked.scopes.join(' '), state: asked.state });
}

/** The request, or `null` when it has been answered: a page for what must not be redirected, else an error redirect. */
function checkedRequest(
  { client, basePath }: Parts,
  parameters: URLSearchParams,
  response: Response,
): ConsentRequest | null {
  const redirectUri = single(parameters, 'redirect_uri');
  const state = single(parameters, 'state');
  const scopes = (single(parameters, 'scope') ?? '').split(/[ +]+/).filter((scope) => scope !== '');
  const unknownScope = scopes.find((scope) => !isScope(scope));
  if (single(parameters, 'client_id') !== client.clientId) {
    sendPage(
      response,
      basePath,
      problemPage('Unknown application', 'client_id is missing or names no registered application.'),
    );
  } else if (redirectUri === null) {
    sendPage(
      response,
      basePath,
      problemPage('No way back', 'redirect_uri is missing or given more than once.'),
    );
  } else if (!client.redirectUris.includes(redirectUri)) {
    sendBack(response, client.redirectUris[0] ?? basePath, {
      error: 'redirect_mismatch',
      error_description: 'Parameter redirect_uri does not match registered URI',
      state,
    });
  } else if (single(parameters, 'response_type') !== 'code') {
    sendBack(response, redirectUri, {
      error: 'unsupported_response_type',
      error_description: 'Only the response type code is simulated',
      state,
    });
  } else if (unknownScope !== undefined) {
    sendBack(response, redirectUri, {
      error: 'invalid_scope',
      error_description: `invalid scope requested: '${unknownScope}'`,
      state,
    });
  } else {
    return { redirectUri, scopes, state, forceVerify: single(parameters, 'force_verify') === 'true' };
  }
  return null;
}

function personWhoMaySignIn(world: World, id: string | null): Account | null {
  const person = world.findById(id ?? '');
  return person === null || person.banned ? null : person;
}

function sendBack(response: Response, uri: string, parameters: Record<string, string | null>): void {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value);
  response
    .set('Cache-Control', 'no-store')
    .redirect(303, `${uri}${uri.includes('?') ? '&' : '?'}${query.toString()}`);
}

function answerTokenRequest(
  { client, tokens, world }: Parts,
  body: URLSearchParams,
  response: Response,
): void {
  const clientId = single(body, 'client_id');
  const secret = single(body, 'client_secret');
  if (clientId === null) return refuse(response, 400, 'missing client id');
  if (clientId !== client.clientId) return refuse(response, 400, 'invalid client');
  if (secret === null) return refuse(response, 400, 'missing client secret');
  if (secret !== client.clientSecret) return refuse(response, 403, 'invalid client secret');
  const grantType = single(body, 'grant_type');
  if (grantType === 'client_credentials') return sendTokens(response, tokens.issueAppToken());
  if (grantType === 'authorization_code') {
    const issued = tokens.redeemCode(single(body, 'code') ?? '', single(body, 'redirect_uri') ?? '');
    if (issued === 'invalid') return refuse(response, 400, 'Invalid authorization code');
    if (issued === 'redirect-mismatch')
      return refuse(response, 400, 'Parameter redirect_uri does not match registered URI');
    return sendTokens(response, issued);
  }
  if (grantType === 'refresh_token') {
    const issued = tokens.refresh(single(body, 'refresh_token') ?? '');
    if (issued === 'invalid') return refuse(response, 400, 'Invalid refresh token');
    if (issued === 'revoked' || world.findById(issued.userId ?? '')?.banned === true) {
      return refuse(response, 401, 'Invalid refresh token');
    }
    return sendTokens(response, issued);
  }
  refuse(response, 400, grantType === null ? 'missing grant type' : 'invalid grant type');
}

function sendTokens(response: Response, { accessToken, refreshToken, scopes, expiresInS }: Issued): void {
  response.set('Cache-Control', 'no-store').json({
    access_token: accessToken,
    expires_in: expiresInS,
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    ...(scopes.length === 0 ? {} : { scope: scopes }),
    token_type: 'bearer',
  });
}

function validate({ client, tokens, world }: Parts, request: Request, response: Response): void {
  const token = /^(?:OAuth|Bearer) (\S+)$/i.exec(request.get('Authorization') ?? '')?.[1];
  const grant = tokens.check(token ?? '');
  if (grant === null)
    return refuse(
      response,
      401,
      token === undefined ? 'missing authorization token' : 'invalid access token',
    );
  const { expiresInS, userId, scopes } = grant;
  const account = world.findById(userId ?? '');
  response.json({
    client_id: client.clientId,
    ...(account === null ? {} : { login: account.login }),
    scopes: scopes.length === 0 ? null : scopes,
    ...(account === null ? {} : { user_id: account.id }),
    expires_in: expiresInS,
  });
}

function revoke({ client, tokens }: Parts, body: URLSearchParams, response: Response): void {
  if (single(body, 'client_id') !== client.clientId) return refuse(response, 404, 'client does not exist');
  if (!tokens.revoke(single(body, 'token') ?? '')) return refuse(response, 400, 'Invalid token');
  response.status(200).end();
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).set('Cache-Control', 'no-store').json({ status, message });
}
