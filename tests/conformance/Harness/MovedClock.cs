using System.Globalization;

namespace Orchestrator.Conformance.Harness;

/// <summary>
/// The time of day as the programs of a sandbox see it, moved by libfaketime and set while they run. The clock that timers run by is left alone, as when a person or a time service sets a clock.
/// </summary>
internal sealed class MovedClock
{
    private readonly string _file;
    private TimeSpan _by;

    public MovedClock(Sandbox box, string instant)
    {
        _file = box.PathOf("clock");
        var library = Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).FirstOrDefault()
            ?? throw new InvalidOperationException("libfaketime is missing: install the package faketime.");
        box.Environment["LD_PRELOAD"] = library;
        box.Environment["FAKETIME_TIMESTAMP_FILE"] = _file;
        box.Environment["FAKETIME_NO_CACHE"] = "1";   // else a step is seen up to ten seconds late
        box.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        RemoveLeftovers();
        SetTo(instant);
    }

    // A process that was killed leaves the library's shared memory, named after it.
    private static void RemoveLeftovers()
    {
        foreach (var file in Directory.EnumerateFiles("/dev/shm", "*faketime_s*_*"))
            if (!Directory.Exists($"/proc/{file[(file.LastIndexOf('_') + 1)..]}")) File.Delete(file);
    }

    public DateTimeOffset Now => TimeProvider.System.GetUtcNow() + _by;

    public void SetTo(string instant) => Step(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - Now);

    /// <summary>Sets it forward, or back.</summary>
    public void Step(TimeSpan by)
    {
        _by += by;
        // Under its name at once and whole: it is read at any time.
        File.WriteAllText($"{_file}.new", string.Create(CultureInfo.InvariantCulture, $"{(_by < TimeSpan.Zero ? "" : "+")}{_by.TotalSeconds:F3}\n"));
        File.Move($"{_file}.new", _file, overwrite: true);
    }
}
