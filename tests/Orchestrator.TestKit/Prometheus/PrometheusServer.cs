using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.TestKit.Prometheus;

/// <summary>
/// A Prometheus of Debian's package for one test: its own port and folder, scraping what it is told. It ends with this object, and, because it hangs on a pipe, with
/// this process however that ends.
/// <code>
/// await using var prometheus = await PrometheusServer.StartAsync(new() { Targets = { ["orchestrator"] = server.Http.BaseAddress! } });
/// ... a workload ...
/// await prometheus.ScrapedAsync();    // a scrape that began after this call has succeeded at every target
/// (await prometheus.ValueAsync("sum(orchestrator_task_retries_total)")).ShouldBe(3);
/// </code>
/// </summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ServerProcess _server;
    private readonly HttpClient _http;

    private PrometheusServer(string root, Uri url)
    {
        (_server, Url) = (new("Prometheus", root), url);
        _http = new() { BaseAddress = url, Timeout = Patience };
    }

    /// <summary>Address of its page and API.</summary>
    public Uri Url { get; }

    /// <summary>What the server has said.</summary>
    public string Log => _server.Log;

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<PrometheusServer> StartAsync(PrometheusOptions options)
    {
        var root = Directory.CreateTempSubdirectory("orc-prom-").FullName;
        var port = LoopbackPort.Free();
        await File.WriteAllTextAsync(Path.Combine(root, "prometheus.yml"), Configuration(options));
        // The shell waits for the end of its standard input; that is the end of this object or of this process.
        const string keeper = """
            "$@" <&- & server=$!
            trap "" INT TERM
            cat > /dev/null
            kill -s KILL "$server" 2>/dev/null; wait "$server"
            """;
        string[] command =
        [
            "-c", keeper, "keeper", "prometheus", "--config.file=" + Path.Combine(root, "prometheus.yml"), "--storage.tsdb.path=" + Path.Combine(root, "data"),
            string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), "--enable-feature=exemplar-storage", "--web.enable-lifecycle", "--log.level=warn",
        ];
        var server = new PrometheusServer(root, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));
        try
        {
            await server._server.StartAsync(new ProcessStartInfo("sh", command) { WorkingDirectory = root });
            await server.UntilAsync(async () =>
            {
                try
                {
                    using var answer = await server._http.GetAsync("/-/ready");
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException) when (!server._server.HasExited) { return false; }
            }, "Prometheus being ready (apt-get install prometheus)");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    /// <summary>Completes when every target has been scraped successfully by a scrape that began after this call.</summary>
    public Task ScrapedAsync()
    {
        var since = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        return UntilAsync(async () =>
        {
            var up = await QueryAsync("up");
            var when = await QueryAsync("timestamp(up)");
            return up.Count > 0 && up.All(s => s.Value == 1) && when.All(s => s.Value > since);
        }, "a scrape of every target");
    }

    /// <summary>Completes when the expression's result fits; it is asked again and again.</summary>
    public Task UntilAsync(string expression, Func<IReadOnlyList<PrometheusSample>, bool> fits) => UntilAsync(async () => fits(await QueryAsync(expression)), expression);

    /// <summary>The instant value of an expression, now: one sample for each series; empty when there is none.</summary>
    /// <exception cref="InvalidOperationException">Prometheus refuses the expression; the message says why.</exception>
    public async Task<IReadOnlyList<PrometheusSample>> QueryAsync(string expression)
    {
        var data = await GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression));
        var result = data.GetProperty("result");
        if (data.GetProperty("resultType").GetString() == "scalar") return [new(new Dictionary<string, string>(), Number(result[1]))];
        return [.. result.EnumerateArray().Select(s => new PrometheusSample(Labels(s.GetProperty("metric")), Number(s.TryGetProperty("value", out var value) ? value[1] : s.GetProperty("values")[0][1])))];
    }

    /// <summary>The value of an expression that has exactly one.</summary>
    public async Task<double> ValueAsync(string expression) => await QueryAsync(expression) is [var one]
        ? one.Value
        : throw new InvalidOperationException($"{expression} has not exactly one value. Series: {string.Join(", ", await NamesAsync())}");

    /// <summary>Names of all metrics it has.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync() =>
        [.. (await GetAsync("/api/v1/label/__name__/values")).EnumerateArray().Select(n => n.GetString()!)];

    /// <summary>Labels of the exemplars stored for a selector over the last hour, trace_id among them.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> ExemplarsAsync(string selector)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var data = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/query_exemplars?query={Uri.EscapeDataString(selector)}&start={now - 3600}&end={now + 60}"));
        return [.. data.EnumerateArray().SelectMany(s => s.GetProperty("exemplars").EnumerateArray()).Select(e => Labels(e.GetProperty("labels")))];
    }

    /// <summary>Any GET of its API, without the envelope: <c>/api/v1/targets</c>, <c>/api/v1/rules</c>, <c>/api/v1/alerts</c>.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var root = document.RootElement;
        if (root.GetProperty("status").GetString() != "success") throw new InvalidOperationException($"{path}: {root.GetProperty("error").GetString()}");
        return root.GetProperty("data").Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    // Another process gives no signal: it is asked again and again.
    private async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"{what} did not come. Targets: {(!_server.HasSpoken ? (await GetAsync("/api/v1/targets")).GetRawText() : Log)}");
            await again.WaitForNextTickAsync();
        }
    }

    private static string Configuration(PrometheusOptions options)
    {
        var interval = string.Create(CultureInfo.InvariantCulture, $"{options.Interval.TotalMilliseconds:0}ms");
        var text = new StringBuilder($"global: {{scrape_interval: {interval}, scrape_timeout: {interval}, evaluation_interval: {interval}}}\nscrape_configs:\n");
        foreach (var (job, target) in options.Targets)
            text.Append(CultureInfo.InvariantCulture, $"  - {{job_name: {job}, metrics_path: {target.AbsolutePath.TrimEnd('/')}{(target.AbsolutePath == "/" ? "/metrics" : "")}, static_configs: [{{targets: ['{target.Authority}']}}]}}\n");
        if (options.RuleFiles.Count > 0) text.Append("rule_files:\n");
        foreach (var file in options.RuleFiles) text.Append(CultureInfo.InvariantCulture, $"  - '{Path.GetFullPath(file)}'\n");
        return text.ToString();
    }

    private static Dictionary<string, string> Labels(JsonElement labels) => labels.EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!);

    private static double Number(JsonElement text) => text.GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var number => double.Parse(number!, CultureInfo.InvariantCulture),
    };
}

/// <summary>What a Prometheus scrapes and evaluates.</summary>
public sealed class PrometheusOptions
{
    /// <summary>Addresses by job name; without a path, <c>/metrics</c> is scraped. Targets may begin to answer later.</summary>
    public Dictionary<string, Uri> Targets { get; init; } = [];

    /// <summary>Files of recording and alerting rules.</summary>
    public List<string> RuleFiles { get; init; } = [];

    /// <summary>Between scrapes and between evaluations of rules.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>One series' value. The metric's name is the label <c>__name__</c>.</summary>
public sealed record PrometheusSample(IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>A label's value; empty when it is not there, as Prometheus sees it.</summary>
    public string this[string label] => Labels.TryGetValue(label, out var value) ? value : "";
}
