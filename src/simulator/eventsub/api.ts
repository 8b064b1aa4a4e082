import express, { type Request, type Response, type Router } from 'express';
import { admitted, refuse, type AdmissionParts } from '../admission.ts';
import { pageOf } from '../paging.ts';
import { parametersOf, single } from '../parameters.ts';
import type { LiveGrant } from '../tokens.ts';
import { addConduitRoutes, type ConduitApiParts } from './conduit-api.ts';
import { budgetOf } from './limits.ts';
import { RequestError } from './request-error.ts';
import { subscriptionFrom, type RequestParts } from './subscription-request.ts';
import { subscriptionOnWire, type Subscription } from './subscriptions.ts';

/** Everything behind `/eventsub`. */
export interface ApiParts extends AdmissionParts, RequestParts, ConduitApiParts {
  /** Something has subscribed: starts what its transport needs. */
  onCreated: (subscription: Subscription) => void;
}

/** An answer: its JSON with a status, or only a status. */
export interface Answer {
  status: number;
  body?: object;
}

export type Handler = (request: Request, grant: LiveGrant) => Answer;

/** Twitch's `/eventsub/subscriptions` and `/eventsub/conduits`. */
export function createApi(parts: ApiParts): Router {
  const router = express.Router();
  const route = (method: 'get' | 'post' | 'patch' | 'delete', path: string, handle: Handler) =>
    router[method](path, (request: Request, response: Response) => {
      const grant = admitted(parts, request, response);
      if (grant === null) return;
      try {
        const { status, body } = handle(request, grant);
        response.status(status).set('Cache-Control', 'no-store');
        if (body === undefined) response.end();
        else response.json(body);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        refuse(response, error.status, error.message, error.more);
      }
    });
  router.use(express.json({ limit: '200kb' }));
  route('post', '/subscriptions', (request, grant) => create(parts, request, grant));
  route('get', '/subscriptions', (request, grant) => list(parts, parametersOf(request), grant));
  route('delete', '/subscriptions', (request, grant) => remove(parts, parametersOf(request), grant));
  addConduitRoutes(route, parts);
  router.use((_request, response) => refuse(response, 404, ''));
  return router;
}

function create(parts: ApiParts, request: Request, grant: LiveGrant): Answer {
  const subscription = subscriptionFrom(request.body, grant, parts);
  parts.subscriptions.add(subscription);
  const body = { data: [subscriptionOnWire(subscription)], ...totals(parts, subscription.owner) };
  parts.onCreated(subscription);
  return { status: 202, body };
}

function list(parts: ApiParts, parameters: URLSearchParams, grant: LiveGrant): Answer {
  const filters = ['status', 'type', 'user_id', 'subscription_id', 'conduit_id'].filter((name) =>
    parameters.has(name),
  );
  if (filters.length > 1) throw new RequestError(400, 'the filters exclude each other');
  const name = filters[0];
  const value = name === undefined ? '' : single(parameters, name);
  const found = parts.subscriptions
    .all()
    .filter(({ owner }) => owner === grant.userId)
    .filter((subscription) => name === undefined || fits(subscription, name, value));
  const paging = new URLSearchParams({ first: '100' });
  const after = single(parameters, 'after');
  if (after !== null) paging.set('after', after);
  const page = pageOf(found, paging);
  if (typeof page === 'string') throw new RequestError(400, page);
  const pagination = page.cursor === null ? {} : { cursor: page.cursor };
  const data = page.items.map(subscriptionOnWire);
  return { status: 200, body: { data, ...totals(parts, grant.userId), pagination } };
}

function fits(subscription: Subscription, name: string, value: string | null): boolean {
  const { status, type, id, condition, transport } = subscription;
  if (name === 'status') return status === value;
  if (name === 'type') return type === value;
  if (name === 'subscription_id') return id === value;
  if (name === 'conduit_id') return transport.method === 'conduit' && transport.conduitId === value;
  return Object.entries(condition).some(([field, person]) => field.endsWith('user_id') && person === value);
}

function remove(parts: ApiParts, parameters: URLSearchParams, grant: LiveGrant): Answer {
  const subscription = parts.subscriptions.find(single(parameters, 'id') ?? '');
  if (!parameters.has('id')) throw new RequestError(400, 'Missing required parameter "id"');
  if (subscription === null || subscription.owner !== grant.userId)
    throw new RequestError(404, 'subscription not found');
  parts.subscriptions.remove(subscription.id);
  return { status: 204 };
}

function totals({ subscriptions, settings }: ApiParts, owner: string | null): object {
  const own = subscriptions.all().filter((subscription) => subscription.owner === owner);
  const { total, totalCost, maxTotalCost } = budgetOf(own, owner, settings);
  return { total, total_cost: totalCost, max_total_cost: maxTotalCost };
}
