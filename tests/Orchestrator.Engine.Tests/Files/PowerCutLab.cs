using Orchestrator.Engine.Files;
using Shouldly;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>A data directory on a <see cref="ForgetfulDisk"/>, and the question what a power cut at any step leaves of what was promised.</summary>
internal sealed class PowerCutLab : IDisposable
{
    private const int MaxCuts = 60;
    private readonly string _folder = Directory.CreateTempSubdirectory("power-").FullName;

    public PowerCutLab()
    {
        Disk = new(_folder);
        Paths = On(Path.Combine(_folder, "data"), Disk);
    }

    public ForgetfulDisk Disk { get; }

    public RunPaths Paths { get; }

    /// <summary>Cuts the power at many steps, recovers each time with the ordinary code, and looks whether all promises made before hold.</summary>
    public async Task CheckAsync(Func<RunPaths, Task> recover)
    {
        var steps = Disk.Steps;
        steps.OfType<DiskStep.Acknowledged>().ShouldNotBeEmpty();
        var every = Math.Max(1, steps.Count / MaxCuts);
        var cuts = Enumerable.Range(0, steps.Count).Where(i => i % every == 0 || i == steps.Count - 1)
            .SelectMany(i => (Leftover[])[Leftover.Nothing, (Leftover)(1 + (i / every % 3))], (i, left) => (At: i + 1, Left: left));
        await SideBySideAsync(cuts, cut => CheckAsync(steps, cut.At, cut.Left, recover));
    }

    /// <summary>The same at every step, with several tears of what was not synced.</summary>
    public Task CheckEachAsync(Func<RunPaths, Task> recover)
    {
        var steps = Disk.Steps;
        var cuts = Enumerable.Range(1, steps.Count).SelectMany(at => Enumerable.Range(0, 4).Select(seed => (At: at, Seed: seed)));
        return SideBySideAsync(cuts, cut => CheckAsync(steps, cut.At, Leftover.Some, recover, cut.Seed * 7919));
    }

    /// <summary>The same at the end alone, and without a power cut.</summary>
    public async Task CheckEndAsync(Func<RunPaths, Task> recover, string what)
    {
        var steps = Disk.Steps;
        try
        {
            await CheckAsync(steps, steps.Count, Leftover.Nothing, recover);
            Broken(steps, On(Paths.Root, new QuickDisk())).ShouldBeNull();
        }
        catch (Exception e) { throw new InvalidOperationException($"{what}: {e.Message}", e); }
    }

    /// <summary>Recovery waits more than it works.</summary>
    public static Task SideBySideAsync<T>(IEnumerable<T> all, Func<T, Task> check) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, _) => await check(one));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task CheckAsync(IReadOnlyList<DiskStep> steps, int at, Leftover left, Func<RunPaths, Task> recover, int seed = 0)
    {
        var folder = Directory.CreateTempSubdirectory("after-cut-").FullName;
        var where = $"power cut after step {at} of {steps.Count} ({steps[at - 1]}), {left} left";
        try
        {
            new PowerCut(steps.Take(at)).WriteTo(folder, left, seed: at + seed);
            var paths = On(Path.Combine(folder, "data"), new QuickDisk());
            try { await recover(paths); }
            catch (Exception e) { throw new InvalidOperationException($"{where}: recovery fails: {e.Message}", e); }
            if (Broken(steps.Take(at), paths) is { } broken) throw new InvalidOperationException($"{where}: {broken} is lost");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Broken(IEnumerable<DiskStep> steps, RunPaths paths) =>
        steps.OfType<DiskStep.Acknowledged>().Select(s => s.Promise).FirstOrDefault(p => !p.Holds(paths))?.What;

    private static RunPaths On(string data, Disk disk) => new(data) { Disk = disk };
}
