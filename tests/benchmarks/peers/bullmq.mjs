// BullMQ over redis: a job by itself, a parent with a thousand children, chains of ten. Prints one JSON line per figure.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Queue, Worker, QueueEvents, FlowProducer } from 'bullmq';

const fsync = process.argv[3] ?? 'everysec';
const free = () => new Promise(done => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
const port = await free();
const dir = mkdtempSync(path.join(process.argv[2] ?? tmpdir(), 'redis-'));
const server = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--appendonly', 'yes', '--appendfsync', fsync, '--save', ''], { stdio: 'ignore' });
const sleep = ms => new Promise(r => setTimeout(r, ms));
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const p50 = xs => xs.sort((a, b) => a - b)[Math.floor(xs.length / 2)];
const say = (what, unit, value) => console.log(JSON.stringify({ peer: `bullmq, redis ${fsync}`, what, unit, value: Math.round(value * 100) / 100 }));
await sleep(500);
const queue = new Queue('q', { connection });
const worker = new Worker('q', async job => job.data.n ?? 0, { connection, concurrency: 50 });
const events = new QueueEvents('q', { connection });
const flows = new FlowProducer({ connection });
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady(), events.waitUntilReady()]);
const chain = depth => ({ name: 'j', queueName: 'q', data: { n: depth }, ...(depth > 1 ? { children: [chain(depth - 1)] } : {}) });
const timed = async (work, times) => { const xs = []; for (let i = 0; i < times; i++) { const t = performance.now(); await work(); xs.push(performance.now() - t); } return p50(xs); };
const one = async () => (await queue.add('j', {})).waitUntilFinished(events);
const ten = async () => (await flows.add(chain(10))).job.waitUntilFinished(events);
const fan = async () => (await flows.add({ name: 'p', queueName: 'q', data: {}, children: Array.from({ length: 1000 }, () => ({ name: 'c', queueName: 'q', data: {} })) })).job.waitUntilFinished(events);
try {
  await timed(one, 50);
  say('empty, p50', 'ms', await timed(one, 300));
  say('10 steps, p50', 'ms', await timed(ten, 100));
  const began = performance.now();
  let left = 1000;
  await Promise.all(Array.from({ length: 64 }, async () => { while (left-- > 0) await ten(); }));
  say('1000 x 10 steps, 64 at once', 'flows/s', 1000 / ((performance.now() - began) / 1000));
  await timed(fan, 1);
  say('fan-out 1000, p50', 'ms', await timed(fan, 5));
} finally {
  server.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}
process.exit(0);
