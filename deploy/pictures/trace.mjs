// Takes a picture of a trace in the Aspire dashboard: node trace.mjs DASHBOARD_URL TRACE_ID > FILE.png
// Needs Debian's chromium, and playwright-core where Node finds it (deploy/pictures/make fetches it).
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [url, trace] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, colorScheme: 'light' });
  await page.goto(`${url}/traces/detail/${trace}`);
  await page.getByText('attempt ').first().waitFor();   // the page is drawn over a connection of its own
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState('networkidle');
  process.stdout.write(await page.screenshot());
} finally {
  await browser.close();
}
