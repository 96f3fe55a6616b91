// What every peer starts Chrome with, so that only the driver differs.
export const binary = '/usr/lib/chromium/chromium-headless-shell'
export const flags = [
  '--headless', '--remote-debugging-pipe', '--disable-3d-apis', '--no-first-run', '--no-default-browser-check',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-breakpad',
  '--disable-crash-reporter', '--disable-quic', '--disable-extensions', '--disable-dev-shm-usage',
]

/// RFC 6238 with SHA-1, 6 digits, 30 s, from a base32 secret.
export async function totp(secret, now = Date.now()) {
  const { createHmac } = await import('node:crypto')
  let bits = ''
  for (const c of secret.replace(/[^A-Z2-7]/g, '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

/// The peers' protocol: a line "run" on standard input gives a line of JSON; the end of input ends the peer.
export async function serve(login, close) {
  const { createInterface } = await import('node:readline')
  process.stdout.write('ready\n')
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'prepare') process.stdout.write('prepared\n')
    if (line !== 'run') continue
    const cpu = process.cpuUsage()
    const start = process.hrtime.bigint()
    const result = await login()
    const ms = Number(process.hrtime.bigint() - start) / 1e6
    const used = process.cpuUsage(cpu)
    process.stdout.write(JSON.stringify({ ms, cpu: (used.user + used.system) / 1e3, rss: process.memoryUsage().rss, ...result }) + '\n')
  }
  await close()
}
