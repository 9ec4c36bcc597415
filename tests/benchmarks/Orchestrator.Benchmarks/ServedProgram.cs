using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.TestKit;

namespace Orchestrator.Benchmarks;

/// <summary>The built program as a server with one workflow of shell tasks in a row, on data of its own, and somebody who submits runs of it.</summary>
internal sealed class ServedProgram : IAsyncDisposable
{
    private readonly string _program, _data;
    private readonly Process _process;
    private readonly HttpClient _http;

    private ServedProgram(string program, string data, Process process, Uri address) =>
        (_program, _data, _process, _http) = (program, data, process, new() { BaseAddress = address });

    public static async Task<ServedProgram> StartAsync(string folder, string program, int tasks, IReadOnlyDictionary<string, string> settings, Action<string>? prepare = null)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, $"served-{Guid.NewGuid():N}")).FullName;
        var yaml = new StringBuilder("name: row\ntasks:\n");
        for (var i = 1; i <= tasks; i++) yaml.Append(CultureInfo.InvariantCulture, $"  - {{id: t{i}, exec: [sh, -c, 'true']{(i == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", depends_on: [t{i - 1}]"))}}}\n");
        Directory.CreateDirectory(Path.Combine(data, "workflows"));
        await File.WriteAllTextAsync(Path.Combine(data, "workflows", "row.yaml"), yaml.ToString());
        prepare?.Invoke(Path.Combine(data, "workflows"));
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}"));
        var start = new ProcessStartInfo("sh") { ArgumentList = { "-c", "exec \"$0\" serve --data \"$1\" > \"$1/out\" 2>&1", program, data } };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        start.Environment["Orchestrator__Api__Url"] = address.ToString();
        start.Environment["Orchestrator__Workflows__Path"] = Path.Combine(data, "workflows");
        var served = new ServedProgram(program, data, Process.Start(start)!, address);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await served.IsReadyAsync())
        {
            if (served._process.HasExited) throw new WrongResultException("serve ended: " + await File.ReadAllTextAsync(Path.Combine(data, "out")));
            await again.WaitForNextTickAsync();
        }
        return served;
    }

    /// <summary>So many runs, one after another.</summary>
    public async Task<Sample> MeasureAsync(int runs)
    {
        var latencies = new double[runs];
        var (began, cpu) = (Stopwatch.GetTimestamp(), CpuSeconds());
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await RunAsync();
            latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return new(latencies, Stopwatch.GetElapsedTime(began).TotalSeconds, CpuSeconds() - cpu, 0, 0, 0);
    }

    /// <summary>What became of what was to be told, as the program counted it, and its largest resident size.</summary>
    public async Task<string> AccountAsync(bool exported)
    {
        var resident = long.Parse(Status("VmHWM:"), CultureInfo.InvariantCulture) >> 10;
        if (exported)
        {
            var telemetry = (await _http.GetFromJsonAsync<JsonElement>("/healthz")).GetProperty("telemetry");
            return string.Create(CultureInfo.InvariantCulture, $"{telemetry.GetProperty("published").GetInt64()} taken, {telemetry.GetProperty("dropped").GetInt64()} dropped, {resident} MiB");
        }
        var list = new ProcessStartInfo(_program) { ArgumentList = { "dead-letters", "list", "--json", "--data", _data }, RedirectStandardOutput = true };
        using var listing = Process.Start(list)!;
        var account = (await listing.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).First(l => l.TryGetProperty("emitted", out _));
        await listing.WaitForExitAsync();
        return string.Create(CultureInfo.InvariantCulture,
            $"{account.GetProperty("delivered").GetInt64()} delivered, {account.GetProperty("dead").GetInt64()} dead, {account.GetProperty("dropped").GetInt64()} dropped, {resident} MiB");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private async Task RunAsync()
    {
        using var submitted = await _http.PostAsJsonAsync("/api/v1/workflows/row/runs", new { });
        submitted.EnsureSuccessStatusCode();
        var run = (await submitted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString();
        using var stream = await _http.GetAsync($"/api/v1/runs/{run}/events/stream?types=workflow.completed,workflow.failed,workflow.cancelled", HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line)
            if (line == "event: workflow.completed") return;
        throw new WrongResultException($"run {run} did not complete");
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) { return false; }
    }

    /// <summary>What is resident now.</summary>
    public long ResidentMiB() => long.Parse(Status("VmRSS:"), CultureInfo.InvariantCulture) >> 10;

    // Its own and that of the tasks it has reaped.
    public double CpuSeconds()
    {
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Skip(11).Take(4).Sum(t => double.Parse(t, CultureInfo.InvariantCulture)) / 100;
    }

    private string Status(string name) =>
        File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
}
