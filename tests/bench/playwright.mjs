// The peer: the same login as a user of Playwright writes it.
import { chromium } from 'playwright-core'
import { binary, flags, serve, totp } from './chrome.mjs'

const { url, user, password, secret } = JSON.parse(process.argv[2])
const browser = await chromium.launch({ executablePath: binary, chromiumSandbox: true, ignoreDefaultArgs: true, args: flags, timeout: 20000 })
async function login() {
  const context = await browser.newContext()
  const page = await context.newPage()
  const opened = process.hrtime.bigint()
  await page.goto(`${url}/login`, { waitUntil: 'domcontentloaded' })
  await page.locator('input[autocomplete=username]').fill(user)
  await page.locator('input[type=password]').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('input[autocomplete=one-time-code]').fill(await totp(secret))
  await page.locator('main form button').first().click()
  await page.locator('form[action$="/logout"], a[href$="/logout"]').first().waitFor()
  const state = await context.storageState()
  const page_ms = Number(process.hrtime.bigint() - opened) / 1e6
  await context.close()
  return { page_ms, cookies: state.cookies.length }
}
await serve(login, () => browser.close())
