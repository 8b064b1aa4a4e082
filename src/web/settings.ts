/** What the web part has to know of the configuration. */
export interface WebSettings {
  /** Origin and perhaps a path, as browsers see it; no trailing slash. */
  publicUrl: string;
  /** `''` or begins with a slash. */
  basePath: string;
  trustProxy: false | number | string[];
  /** Whether pages are served; a mere listener answers health checks and webhooks alone. */
  servesPages: boolean;
  /** Twitch is simulated: every page says so. */
  simulated: boolean;
  /** Where Twitch asks people what they allow: forms may lead there. */
  authorizeUrl: string;
  playerUrl: string;
  chatUrl: string;
  /** Addresses below which Twitch's images lie. */
  imageUrls: string[];
  pollIntervalS: number;
  /** The keys that sign the session cookie, the present one first. */
  cookieKeys: string[];
}

/** The base path as browsers see it. */
export function publicPath(settings: WebSettings): string {
  return proxyPath(settings) + settings.basePath;
}

/** What a proxy takes off the path before the request reaches us; `''` mostly. */
export function proxyPath(settings: WebSettings): string {
  return new URL(settings.publicUrl).pathname.replace(/\/+$/, '');
}

/** How often an open page looks for news, in seconds: a few times a round, so that it is hardly older than the listener. */
export function refreshSOf({ pollIntervalS }: WebSettings): number {
  return Math.max(2, Math.ceil(pollIntervalS / 4));
}
