// The app's clock: the Date header of one same-origin HEAD request.

export async function serverDate(within: number): Promise<{ date: number } | null> {
  if (!/^https?:$/u.test(location.protocol)) return null;
  const started = performance.now();
  for (const address of [location.pathname, '/', '/robots.txt']) {
    const left = within - (performance.now() - started);
    if (left <= 0) break;
    try {
      const response = await fetch(new URL(address, location.origin), { method: 'HEAD', cache: 'no-store', credentials: 'omit', redirect: 'follow', signal: AbortSignal.timeout(left) });
      // Milliseconds of UTC, whole seconds.
      const date = Date.parse(response.headers.get('date') ?? '');
      if (Number.isFinite(date)) return { date };
    } catch {
      // A policy of the page forbids it, or the address redirects elsewhere: the next may do.
    }
  }
  return null;
}
