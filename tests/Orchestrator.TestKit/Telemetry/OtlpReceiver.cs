using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.TestKit.Telemetry;

/// <summary>What the receiver does with a request.</summary>
public enum ReceiverMode
{
    /// <summary>Takes it.</summary>
    Ok,
    /// <summary>Refuses it with 503.</summary>
    Failing,
    /// <summary>Holds it until <see cref="OtlpReceiver.Release"/>, then takes it.</summary>
    Slow,
    /// <summary>Closes the connection.</summary>
    Dead,
}

/// <summary>A request as it came in.</summary>
/// <param name="Signal">traces, metrics or logs; empty for a path of none.</param>
/// <param name="Protocol">grpc or http/protobuf.</param>
/// <param name="Headers">By lower-case name.</param>
/// <param name="Connection">Which connection it came by.</param>
public sealed record ReceivedRequest(string Signal, string Protocol, string Path, IReadOnlyDictionary<string, string> Headers, string Connection);

/// <summary>A telemetry backend for tests: OTLP with protocol buffers, over HTTP and over gRPC, on free ports of 127.0.0.1.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<ReceivedLog> _logs = new();
    private volatile IReadOnlyList<ReceivedPoint> _points = [];
    private readonly ConcurrentDictionary<string, IReadOnlyList<ReceivedPoint>> _pointsByProcess = new();
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<ReceivedRequest> _seen = new();
    private int _requests;

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>What it does from now on.</summary>
    public ReceiverMode Mode { get; set; }

    /// <summary>Base address, for OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public string Endpoint => _app.Urls.First();

    /// <summary>Base address for the protocol grpc.</summary>
    public string GrpcEndpoint => _app.Urls.Last();

    /// <summary>Every request so far, refused ones included.</summary>
    public IReadOnlyList<ReceivedRequest> Seen => [.. _seen];

    /// <summary>Variables that make a program export here, at short intervals.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
    };

    /// <summary>All spans received so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>All log records received so far.</summary>
    public IReadOnlyList<ReceivedLog> Logs => [.. _logs];

    /// <summary>The points of the newest metrics export of each process; they are cumulative.</summary>
    public IReadOnlyList<ReceivedPoint> Points => _points;

    /// <summary>Requests so far, refused ones included.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Starts listening.</summary>
    public static async Task<OtlpReceiver> StartAsync(ReceiverMode mode = ReceiverMode.Ok)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = null;
            k.Listen(IPAddress.Loopback, 0);
            k.Listen(IPAddress.Loopback, 0, grpc => grpc.Protocols = HttpProtocols.Http2);
        });
        var receiver = new OtlpReceiver(builder.Build()) { Mode = mode };
        receiver._app.Run(receiver.HandleAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Lets go of held requests, and takes further ones at once.</summary>
    public void Release()
    {
        Mode = ReceiverMode.Ok;
        _released.TrySetResult();
    }

    /// <summary>Completes when <paramref name="seen"/> is true of what was received; it is asked again after each request.</summary>
    /// <exception cref="TimeoutException">It never was; the message lists what came.</exception>
    public async Task WaitForAsync(Func<OtlpReceiver, bool> seen, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        while (true)
        {
            var changed = _changed.Task;
            if (seen(this)) return;
            try { await changed.WaitAsync(deadline.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"Not received within {timeout}. {Summary()}"); }
        }
    }

    /// <summary>The span of that name, when there is exactly one.</summary>
    public ReceivedSpan Span(string name)
    {
        var found = Spans.Where(s => s.Name == name).ToArray();
        return found.Length == 1 ? found[0] : throw new InvalidOperationException($"{found.Length} spans are named '{name}'. {Summary()}");
    }

    /// <summary>Spans whose parent was neither received nor is one of <paramref name="known"/>.</summary>
    public IReadOnlyList<ReceivedSpan> Orphans(params string[] known)
    {
        var ids = Spans.Select(s => s.SpanId).Concat(known).ToHashSet();
        return [.. Spans.Where(s => s.ParentId.Length > 0 && !ids.Contains(s.ParentId))];
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var grpc = context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true;
        var signal = SignalOf(context.Request.Path);
        _seen.Enqueue(new(signal, grpc ? "grpc" : "http/protobuf", context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), context.Connection.Id));
        try
        {
            switch (Mode)
            {
                case ReceiverMode.Dead:
                    context.Abort();
                    return;
                case ReceiverMode.Failing:
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    return;
                case ReceiverMode.Slow:
                    Changed();   // that a request hangs is worth waiting for too
                    await _released.Task.WaitAsync(context.RequestAborted);
                    break;
            }
            var body = await BodyAsync(context.Request);
            Take(signal, grpc ? Unframed(body) : body);
            context.Response.ContentType = grpc ? "application/grpc" : "application/x-protobuf";
            if (!grpc) return;
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5]);   // an empty message
            context.Response.AppendTrailer("grpc-status", "0");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The exporter gave up on a held request.
        }
        finally
        {
            Changed();
        }
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request)
    {
        using var whole = new MemoryStream();
        if (request.Headers.ContentEncoding == "gzip")
        {
            await using var unzipped = new GZipStream(request.Body, CompressionMode.Decompress);
            await unzipped.CopyToAsync(whole);
        }
        else await request.Body.CopyToAsync(whole);
        return whole.ToArray();
    }

    // The services of gRPC are named ...collector.trace.v1.TraceService; over HTTP a signal may have any path that holds its name.
    private static string SignalOf(string path) =>
        path.Contains("trace", StringComparison.OrdinalIgnoreCase) ? "traces" : path.Contains("metric", StringComparison.OrdinalIgnoreCase) ? "metrics" : path.Contains("log", StringComparison.OrdinalIgnoreCase) ? "logs" : "";

    // A byte that says whether it is compressed, and four with its length.
    private static byte[] Unframed(byte[] message)
    {
        if (message[0] == 0) return message[5..];
        using var whole = new MemoryStream();
        using (var unzipped = new GZipStream(new MemoryStream(message, 5, message.Length - 5), CompressionMode.Decompress)) unzipped.CopyTo(whole);
        return whole.ToArray();
    }

    private void Take(string signal, byte[] body)
    {
        switch (signal)
        {
            case "traces":
                foreach (var span in OtlpDecoder.Traces(body)) _spans.Enqueue(span);
                break;
            case "logs":
                foreach (var log in OtlpDecoder.Logs(body)) _logs.Enqueue(log);
                break;
            case "metrics":
                var points = OtlpDecoder.Metrics(body);
                // Points are cumulative per process: the newest export of a process replaces its earlier ones.
                _pointsByProcess[OtlpDecoder.Process(body)] = points;
                _points = [.. _pointsByProcess.Values.SelectMany(p => p)];
                break;
        }
    }

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private string Summary() =>
        $"{Requests} requests; spans: {string.Join(", ", Spans.Select(s => s.Name))}; logs: {string.Join(", ", Logs.Select(l => l.EventName))}; "
        + $"metrics: {string.Join(", ", Points.Select(p => p.Metric).Distinct())}.";
}
