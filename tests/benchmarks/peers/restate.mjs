// Restate: handlers with no steps, ten durable steps, and a fan-out of a thousand calls. Prints one JSON line per figure.
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as restate from '@restatedev/restate-sdk';

const free = () => new Promise(done => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
const [service, ingress, admin, node] = [await free(), await free(), await free(), await free()];
const dir = mkdtempSync(path.join(process.argv[2] ?? tmpdir(), 'restate-'));
writeFileSync(path.join(dir, 'restate.toml'), `base-dir = "${dir}"\nbind-address = "127.0.0.1:${node}"\nadvertised-address = "http://127.0.0.1:${node}"\n[admin]\nbind-address = "127.0.0.1:${admin}"\n[ingress]\nbind-address = "127.0.0.1:${ingress}"\n`);

const steps = restate.service({
  name: 'steps',
  handlers: {
    run: async (ctx, n) => { for (let i = 0; i < n; i++) await ctx.run(`s${i}`, () => i); return n; },
    child: async (ctx, n) => n,
    fan: async (ctx, n) => { await restate.RestatePromise.all(Array.from({ length: n }, (_, i) => ctx.serviceClient({ name: 'steps' }).child(i))); return n; },
  },
});
restate.endpoint().setLogger(() => {}).bind(steps).listen(service);
const server = spawn(path.join('node_modules', '.bin', 'restate-server'), ['--config-file', path.join(dir, 'restate.toml')], { stdio: 'ignore', env: { ...process.env, RUST_LOG: 'error', DO_NOT_TRACK: '1' } });
const sleep = ms => new Promise(r => setTimeout(r, ms));
const post = (port, at, body) => fetch(`http://127.0.0.1:${port}${at}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const call = async (name, n) => { const a = await post(ingress, `/steps/${name}`, n); if (!a.ok || await a.json() !== n) throw new Error(`${name}(${n}): ${a.status}`); };
const p50 = xs => xs.sort((a, b) => a - b)[Math.floor(xs.length / 2)];
const say = (what, unit, value) => console.log(JSON.stringify({ peer: 'restate', what, unit, value: Math.round(value * 100) / 100 }));

try {
  for (let i = 0; ; i++) {
    try { const a = await post(admin, '/deployments', { uri: `http://127.0.0.1:${service}` }); if (a.ok) break; if (i > 100) throw new Error(await a.text()); } catch (e) { if (i > 100) throw e; }
    await sleep(200);
  }
  for (let i = 0; ; i++) { try { await call('run', 0); break; } catch (e) { if (i > 100) throw e; await sleep(200); } }
  const timed = async (name, n, times) => { const xs = []; for (let i = 0; i < times; i++) { const t = performance.now(); await call(name, n); xs.push(performance.now() - t); } return p50(xs); };
  await timed('run', 10, 100);
  say('empty, p50', 'ms', await timed('run', 0, 300));
  say('10 steps, p50', 'ms', await timed('run', 10, 300));
  const began = performance.now();
  let left = 1000;
  await Promise.all(Array.from({ length: 64 }, async () => { while (left-- > 0) await call('run', 10); }));
  say('1000 x 10 steps, 64 at once', 'flows/s', 1000 / ((performance.now() - began) / 1000));
  await timed('fan', 1000, 2);
  say('fan-out 1000, p50', 'ms', await timed('fan', 1000, 5));
} finally {
  server.kill('SIGKILL');
  await sleep(200);
  rmSync(dir, { recursive: true, force: true });
}
process.exit(0);
