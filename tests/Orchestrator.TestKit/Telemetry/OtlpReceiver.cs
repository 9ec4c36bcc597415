using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

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

/// <summary>A telemetry backend for tests: OTLP over HTTP with protocol buffers on a free port of 127.0.0.1.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<ReceivedLog> _logs = new();
    private volatile IReadOnlyList<ReceivedPoint> _points = [];
    private readonly ConcurrentDictionary<string, IReadOnlyList<ReceivedPoint>> _pointsByProcess = new();
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>What it does from now on.</summary>
    public ReceiverMode Mode { get; set; }

    /// <summary>Base address, for OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public string Endpoint => _app.Urls.First();

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
            Take(context.Request.Path, await BodyAsync(context.Request));
            context.Response.ContentType = "application/x-protobuf";
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

    private void Take(string path, byte[] body)
    {
        switch (path)
        {
            case "/v1/traces":
                foreach (var span in OtlpDecoder.Traces(body)) _spans.Enqueue(span);
                break;
            case "/v1/logs":
                foreach (var log in OtlpDecoder.Logs(body)) _logs.Enqueue(log);
                break;
            case "/v1/metrics":
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
