using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Orchestrator.TestKit.Telemetry;

namespace Orchestrator.Benchmarks;

/// <summary>
/// A telemetry backend that costs little: it keeps what it is sent and counts only when it is asked (GET: spans, log records, requests, and what the senders say they have
/// dropped), so that its own work does not stand
/// in the measurement. Or it never answers.
/// </summary>
internal static class OtlpSink
{
    public static async Task RunAsync(int port, bool hangs)
    {
        await using var app = await StartAsync(port, hangs);
        await app.WaitForShutdownAsync();
    }

    /// <param name="port">0: a free one.</param>
    /// <param name="hangs">Never answers.</param>
    public static async Task<WebApplication> StartAsync(int port, bool hangs)
    {
        var bodies = new ConcurrentBag<(string Path, byte[] Body)>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => { k.Limits.MaxRequestBodySize = null; k.Listen(IPAddress.Loopback, port); });
        var app = builder.Build();
        app.Run(async http =>
        {
            if (http.Request.Method == "GET")
            {
                var spans = bodies.Where(b => b.Path == "/v1/traces").Sum(b => Items(b.Body));
                var logs = bodies.Where(b => b.Path == "/v1/logs").Sum(b => Items(b.Body));
                var requests = bodies.Count;
                var dropped = bodies.Where(b => b.Path == "/v1/metrics").GroupBy(b => OtlpDecoder.Process(b.Body)).Sum(g => g.Max(b => Dropped(b.Body)));
                bodies.Clear();
                await http.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{spans} {logs} {requests} {dropped}\n"));
                return;
            }
            if (hangs)
            {
                var leaves = new TaskCompletionSource();
                await using var left = http.RequestAborted.Register(leaves.SetResult);
                await leaves.Task;
                return;
            }
            using var whole = new MemoryStream();
            await http.Request.Body.CopyToAsync(whole);
            bodies.Add((http.Request.Path, whole.ToArray()));
            http.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync();
        return app;
    }

    // Cumulative: the largest of a process is its last.
    private static double Dropped(byte[] body) => OtlpDecoder.Metrics(body).Where(p => p.Metric == "orchestrator.telemetry.dropped").Sum(p => p.Value);

    // Resource (1), scope (2), item (2): spans and log records lie alike.
    private static int Items(ReadOnlySpan<byte> message) => Count(message, [1, 2, 2]);

    private static int Count(ReadOnlySpan<byte> message, ReadOnlySpan<int> path)
    {
        var found = 0;
        while (message.Length > 0)
        {
            var key = Varint(ref message);
            switch (key & 7)
            {
                case 0: Varint(ref message); break;
                case 1: message = message[8..]; break;
                case 5: message = message[4..]; break;
                default:
                    var length = (int)Varint(ref message);
                    if ((int)(key >> 3) == path[0]) found += path.Length == 1 ? 1 : Count(message[..length], path[1..]);
                    message = message[length..];
                    break;
            }
        }
        return found;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> from)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = from[0];
            from = from[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
    }
}
