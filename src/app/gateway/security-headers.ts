/**
 * On every response of the gateway and of Electron's page scheme, errors included. `style-src-attr` lets components
 * place popovers; nothing else is inline. `socketOrigin` (`ws://…`) is for browsers whose 'self' leaves WebSockets out.
 */
export function securityHeaders(socketOrigin: string | null): Readonly<Record<string, string>> {
  const connect = socketOrigin === null ? "'self'" : `'self' ${socketOrigin}`;
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' blob: data:",
      `connect-src ${connect}`,
      "worker-src 'self'",
      "font-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // Another page must not even embed a still; cookies are shared by all ports of a host, so the cookie cannot tell.
    'cross-origin-resource-policy': 'same-origin',
  };
}
