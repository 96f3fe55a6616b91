// The main job on real apps, checked from outside: oathtool computes the codes, the app's own database says whether MFA is on, and
// Playwright opens the exported session. The apps run side by side, because most of the time passes waiting for the next window.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const binary = process.env.TOTPILOT_BINARY ?? join(here, '../../build/release/bin/totpilot')
const run = promisify(execFile)

const apps = [
  { name: 'redmine', recoveryCodes: 10 },
  { name: 'mediawiki', recoveryCodes: 10 },
  { name: 'directus', recoveryCodes: 0 },
].filter(({ name }) => !process.env.APPS || process.env.APPS.split(',').includes(name))
assert.ok(apps.length > 0, `no app is called ${process.env.APPS}`)

/// The plain assignments of an app.env.
function facts(name) {
  const lines = readFileSync(join(here, name, 'app.env'), 'utf8').matchAll(/^([A-Z_]+)=(?:'([^']*)'|(.*))$/gm)
  return Object.fromEntries([...lines].map(([, key, quoted, plain]) => [key, quoted ?? plain]))
}

/// Runs totpilot --json and gives its document; a failed command is an error that shows its outcome.
function commandLine(home) {
  return async (...args) => {
    const result = await run(binary, ['--state', join(home, 'state'), '--key-dir', join(home, 'keys'), '--json', ...args], { maxBuffer: 1 << 24 })
      .catch((error) => { throw new Error(`totpilot ${args.join(' ')} exited with ${error.code}: ${error.stdout}${error.stderr}`) })
    return JSON.parse(result.stdout)
  }
}

async function opensAsSignedIn(session, app) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: process.getuid() !== 0 })
  try {
    const page = await (await browser.newContext({ storageState: session })).newPage()
    await page.goto(app.URL + app.SIGNED_IN_PATH)
    await page.locator(app.SIGNED_IN_SELECTOR).first().waitFor({ timeout: 30_000 })
  } finally {
    await browser.close()
  }
}

it('runs nothing from a directory that others may write into', async () => {
  const place = mkdtempSync(join(tmpdir(), 'totpilot-apps-'))
  chmodSync(place, 0o777)
  try {
    await assert.rejects(run(join(here, 'redmine/stop'), { env: { ...process.env, TOTPILOT_APPS_DIR: place } }), /others may write into/)
  } finally {
    rmSync(place, { recursive: true })
  }
})

describe('the main job', { concurrency: true }, () => {
  for (const { name, recoveryCodes } of apps) {
    describe(name, { concurrency: false }, () => {   // one after the other within an app
      const app = facts(name)
      const home = mkdtempSync(join(tmpdir(), `totpilot-${name}-`))
      const totpilot = commandLine(home)
      const script = (action) => run(join(here, name, action)).then(({ stdout }) => stdout.trim())

      before(async () => {
        await script('install')
        await script('start')
        writeFileSync(join(home, 'password'), app.APP_PASSWORD, { mode: 0o600 })
        await totpilot('vault', 'init')
        await totpilot('account', 'add', name, '--app', name, '--url', app.URL, '--username', app.APP_USER, '--password-file', join(home, 'password'))
      }, { timeout: 900_000 })
      after(async () => {
        await script('stop')
        rmSync(home, { recursive: true })
      })

      it('turns MFA on and proves it', { timeout: 300_000 }, async () => {
        assert.equal(await script('mfa-state'), 'off')
        const result = await totpilot('enroll', name)
        assert.equal(result.outcome, 'ok')
        assert.equal(await script('mfa-state'), 'on')
        const factors = await totpilot('factor', 'list', name)
        assert.deepEqual(factors.factors.map(({ state }) => state), ['live'])
      })

      it('prints the code that oathtool computes from the exported secret', async () => {
        const { uri } = await totpilot('factor', 'export', name)
        const secret = new URL(uri).searchParams.get('secret')
        const { code, valid_for_ms: left, period } = await totpilot('code', name)
        // Half a period before the window ends lies within it, whatever the command took.
        const inside = Math.floor((Date.now() + left) / 1000 - period / 2)
        const expected = execFileSync('oathtool', ['--totp', '--base32', '--now', `@${inside}`, secret], { encoding: 'utf8' }).trim()
        assert.equal(code, expected)
      })

      it('signs in with a filled code, and the session opens in Playwright', { timeout: 180_000 }, async () => {
        const session = join(home, 'session.json')
        assert.equal((await totpilot('login', name, '--export', session)).outcome, 'ok')
        assert.equal(statSync(session).mode & 0o777, 0o600)
        await opensAsSignedIn(session, app)
      })

      it(recoveryCodes ? `holds ${recoveryCodes} recovery codes` : 'holds no recovery codes, for the app has none', async () => {
        const { recovery_codes: codes } = await totpilot('recovery-codes', name)
        assert.equal(codes.length, recoveryCodes)
      })

      it('turns MFA off', { timeout: 180_000 }, async () => {
        assert.equal((await totpilot('disable', name, '--yes')).outcome, 'ok')
        assert.equal(await script('mfa-state'), 'off')
      })

      it('turns it on again', { timeout: 300_000 }, async () => {
        assert.equal((await totpilot('enroll', name)).outcome, 'ok')
        assert.equal(await script('mfa-state'), 'on')
      })

      it('leaves no browser behind', () => {
        assert.ok(!existsSync(join(home, 'state', 'browser')))
        const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(home))
        assert.deepEqual(left, [])
      })
    })
  }
})
