using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Benchmarks;

/// <summary>Measures two things in turn, keeps the raw samples and prints the ratios pair by pair: below 1 the first is smaller.</summary>
internal sealed class Pairs : IAsyncDisposable
{
    private readonly string _benchmark;
    private readonly StreamWriter _raw;

    public Pairs(string benchmark, string folder)
    {
        _benchmark = benchmark;
        var raw = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{benchmark}-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.jsonl"));
        _raw = new StreamWriter(raw) { AutoFlush = true };
        Console.WriteLine($"machine: {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, {Model()}");
        Console.WriteLine($"runtime: {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}");
        Console.WriteLine($"load:    {Load()} before");
        Console.WriteLine($"raw:     {raw}");
        Console.WriteLine("Columns: least, median and largest ratio of a pair.");
    }

    /// <summary>The shape once without counting, then <paramref name="pairs"/> times each, alternately.</summary>
    public async Task CompareAsync(string shape, int pairs, Func<Task<Sample>> ours, Func<Task<Sample>> limit)
    {
        List<Sample> first = [], second = [];
        for (var pair = 0; pair <= pairs; pair++)
        {
            var a = await ours();
            var b = await limit();
            if (pair == 0) continue;   // warms both up
            first.Add(a);
            second.Add(b);
            Keep(shape, "ours", pair, a);
            Keep(shape, "limit", pair, b);
        }
        Console.WriteLine(shape);
        Ratio("rate", first, second, s => s.Rate, "N0", "/s");
        Ratio("p50", first, second, s => s.P50, "N3", " ms");
        Ratio("p99", first, second, s => s.P99, "N3", " ms");
        Ratio("CPU", first, second, s => s.CpuMicroseconds, "N0", " us each");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  commits each {Median(first, PerRun(s => s.Commits)):N2} / {Median(second, PerRun(s => s.Commits)):N2}, per event {Median(first, s => (double)s.Commits / s.Events):N4} / {Median(second, s => (double)s.Commits / s.Events):N4}, heap {Median(first, PerRun(s => s.AllocatedBytes)) / 1024:N1} KiB each"));
        if (first.Exists(s => s.AfterSeconds > 0))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  rate until all is archived {Median(first, s => s.LatenciesMs.Length / (s.Seconds + s.AfterSeconds)):N0}/s"));
    }

    /// <summary>The same as one row of a table; who begins a pair changes, so that neither always runs in the other's wake.</summary>
    /// <param name="remark">Asked when all is measured.</param>
    public async Task RowAsync(string shape, int pairs, Func<Task<Sample>> ours, Func<Task<Sample>> reference, Func<Task<string>> remark)
    {
        List<Sample> first = [], second = [];
        for (var pair = 0; pair <= pairs; pair++)
        {
            var b = pair % 2 == 0 ? null : await reference();
            var a = await ours();
            b ??= await reference();
            if (pair == 0) continue;   // warms both up
            first.Add(a);
            second.Add(b);
            Keep(shape, "ours", pair, a);
            Keep(shape, "reference", pair, b);
        }
        var (wall, cpu) = (Ratios(first, second, s => s.Seconds), Ratios(first, second, s => s.CpuSeconds));
        var told = await remark();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{shape,-19} wall {wall[0]:N3}  {Middle(wall):N3}  {wall[^1]:N3}   CPU {cpu[0]:N2}  {Middle(cpu):N2}  {cpu[^1]:N2}   run {Median(first, s => s.P50):N1} / {Median(second, s => s.P50):N1} ms, {wall.Length} pairs; {told}"));
    }

    private static Func<Sample, double> PerRun(Func<Sample, long> of) => s => (double)of(s) / s.LatenciesMs.Length;

    private static void Ratio(string name, List<Sample> ours, List<Sample> limit, Func<Sample, double> of, string format, string unit)
    {
        var ratios = Ratios(ours, limit, of);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-5} {ratios[0]:N2}  {Middle(ratios):N2}  {ratios[^1]:N2}   ({Median(ours, of).ToString(format, CultureInfo.InvariantCulture)} / {Median(limit, of).ToString(format, CultureInfo.InvariantCulture)}{unit}, {ratios.Length} pairs)"));
    }

    private static double Median(List<Sample> samples, Func<Sample, double> of) => Middle([.. samples.Select(of).Order()]);

    private static double[] Ratios(List<Sample> ours, List<Sample> limit, Func<Sample, double> of) => [.. ours.Zip(limit, (a, b) => of(a) / of(b)).Order()];

    private static double Middle(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private void Keep(string shape, string who, int pair, Sample s) => _raw.WriteLine(JsonSerializer.Serialize(new
    {
        benchmark = _benchmark, shape, who, pair, n = s.LatenciesMs.Length, wall_s = s.Seconds, after_s = s.AfterSeconds, cpu_s = s.CpuSeconds, rate = s.Rate,
        p50_ms = s.P50, p99_ms = s.P99, max_ms = s.Max, commits = s.Commits, events = s.Events, allocated_bytes = s.AllocatedBytes, dropped = s.Dropped, load1 = Load().Split(' ')[0],
    }));

    public ValueTask DisposeAsync()
    {
        Console.WriteLine($"load:    {Load()} after");
        return _raw.DisposeAsync();
    }

    private static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    private static string Model() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] ?? "unknown model";
}
