using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Orchestrator.TestKit.Telemetry;

namespace Orchestrator.TestKit.Aspire;

/// <summary>
/// The Aspire dashboard, a telemetry backend that people use, as one program from its NuGet package: restored with this project, started on free ports of 127.0.0.1, without a
/// container. It keeps one span for each span id, so a repeated id is a missing span.
/// </summary>
public sealed class AspireDashboard : IAsyncDisposable
{
    private const string Ready = "OTLP/HTTP:";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ServerProcess _server;
    private readonly HttpClient _http;
    private readonly Uri _otlpGrpc, _otlpHttp;

    private AspireDashboard(string root)
    {
        (Url, _otlpGrpc, _otlpHttp) = (Free(), Free(), Free());
        _server = new("The Aspire dashboard", root, Ready);
        _http = new() { BaseAddress = Url, Timeout = Patience };
    }

    /// <summary>Folder of the program in the package.</summary>
    public static string Folder { get; } = typeof(AspireDashboard).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "AspireDashboard").Value!;

    /// <summary>Address of its page and API.</summary>
    public Uri Url { get; }

    /// <summary>Starts it and waits until it takes telemetry.</summary>
    public static async Task<AspireDashboard> StartAsync()
    {
        var root = Directory.CreateTempSubdirectory("orc-aspire-").FullName;
        var dashboard = new AspireDashboard(root);
        // The shell waits for the end of its standard input; that is the end of this object or of this process.
        const string keeper = """
            "$@" <&- & server=$!
            trap "" INT TERM
            cat > /dev/null
            kill -s KILL "$server" 2>/dev/null; wait "$server"
            """;
        var start = new ProcessStartInfo("sh", ["-c", keeper, "keeper", Path.Combine(Folder, "Aspire.Dashboard")]) { WorkingDirectory = Folder, RedirectStandardOutput = true };
        foreach (var (name, value) in dashboard.Settings(root)) start.Environment[name] = value;
        try
        {
            await dashboard._server.StartAsync(start);
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
        return dashboard;
    }

    /// <summary>Variables that make a program export here, at short intervals.</summary>
    /// <param name="protocol"><c>grpc</c> or <c>http/protobuf</c>.</param>
    public IReadOnlyDictionary<string, string> Variables(string protocol) => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = (protocol == "grpc" ? _otlpGrpc : _otlpHttp).ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
    };

    /// <summary>The spans of a trace that it has now.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> TraceAsync(string traceId)
    {
        using var answer = await _http.GetAsync($"/api/telemetry/traces/{traceId}");
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound) return [];
        answer.EnsureSuccessStatusCode();
        return AspireJson.Spans(JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    /// <summary>The spans of a trace as soon as they fit; it is asked again and again, another process gives no signal.</summary>
    /// <exception cref="TimeoutException">They never did; the message lists what is there.</exception>
    public async Task<IReadOnlyList<ReceivedSpan>> TraceAsync(string traceId, Func<IReadOnlyList<ReceivedSpan>, bool> fits)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var spans = await TraceAsync(traceId);
            if (fits(spans)) return spans;
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"The trace {traceId} was never as expected; it has {spans.Count} spans: {string.Join(", ", spans.Select(s => s.Name))}\n{_server.Log}");
            await again.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private Dictionary<string, string> Settings(string root) => new()
    {
        ["HOME"] = root,   // keys that it makes for itself
        ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true",
        ["ASPNETCORE_URLS"] = Url.ToString(),
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = _otlpGrpc.ToString(),
        ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = _otlpHttp.ToString(),
        ["Dashboard__Api__Enabled"] = "true",
    };

    private static Uri Free() => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}"));
}
