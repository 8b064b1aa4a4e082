import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { WebSettings } from '../settings.ts';

/**
 * Headers that tell browsers how little our pages need: own scripts and styles, Twitch's images and frames. They
 * are the same on every answer, so Helmet is asked once.
 */
export function securityHeaders(settings: WebSettings): Map<string, string> {
  const isHttps = settings.publicUrl.startsWith('https:');
  const frames = [originOf(settings.playerUrl), originOf(settings.chatUrl)];
  const images = settings.imageUrls.map(originOf);
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader('Permissions-Policy', permissionsPolicy);
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", ...images],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        frameSrc: frames,
        formAction: ["'self'", originOf(settings.authorizeUrl)],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Twitch's chat signs people in with a pop-up, which `same-origin` would cut off from its frame.
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
    // With `no-referrer` browsers send forms with `Origin: null`, which the same-origin check refuses.
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    strictTransportSecurity: isHttps && { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  setHeaders(response.req, response, () => {});
  return new Map(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}

const permissionsPolicy = ['camera', 'geolocation', 'microphone', 'payment', 'usb', 'browsing-topics']
  .map((feature) => `${feature}=()`)
  .join(', ');

function originOf(url: string): string {
  return new URL(url).origin;
}
