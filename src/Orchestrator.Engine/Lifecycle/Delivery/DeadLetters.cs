using System.Text.Json;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Lifecycle.Delivery;

/// <summary>An event that could not be delivered, as a line of its sink's file.</summary>
internal sealed record DeadLetter
{
    public required Guid EventId { get; init; }

    public required string Sink { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int Attempts { get; init; }

    public required string Error { get; init; }

    public int? HttpStatus { get; init; }

    public required string Host { get; init; }

    public required string Stream { get; init; }

    public long Seq { get; init; }

    public long Position { get; init; }

    public string? CorrelationId { get; init; }

    public string? RunId { get; init; }

    public string? Workflow { get; init; }

    public string? Definition { get; init; }

    /// <summary>What was to be sent.</summary>
    public required string Body { get; init; }

    public Letter ToLetter() => new(EventId, Position, new(Stream), Seq, Type, CorrelationId, RunId is null ? null : Core.Runs.RunId.Parse(RunId), Workflow, Definition, Body);
}

/// <summary>
/// Dead letters of all sinks: a JSONL file for each, bounded, the oldest go first. A lock makes the program that delivers and the command line take turns.
/// </summary>
internal sealed class DeadLetters(RunPaths paths)
{
    private const string Extension = ".dead.jsonl";

    /// <summary>Most letters of a sink, and bytes of its file.</summary>
    public const int Most = 10_000;
    public const long MostBytes = 64 << 20;

    public IReadOnlyList<string> Sinks() => Directory.Exists(paths.Deliveries)
        ? [.. Directory.GetFiles(paths.Deliveries, "*" + Extension).Select(p => Path.GetFileName(p)[..^Extension.Length]).Order(StringComparer.Ordinal)] : [];

    /// <summary>Oldest first; an event that was given up twice, because the program died in between, is there once.</summary>
    public IReadOnlyList<DeadLetter> Read(string sink)
    {
        var letters = new Dictionary<Guid, DeadLetter>();
        try
        {
            foreach (var line in File.ReadLines(PathOf(sink)))
                if (TryRead(line) is { } letter) letters.TryAdd(letter.EventId, letter);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { }
        return [.. letters.Values];
    }

    /// <summary>Keeps a letter; how many of the oldest had to go for it.</summary>
    public int Add(DeadLetter letter)
    {
        Directory.CreateDirectory(paths.Deliveries);
        using var turn = Turn();
        var path = PathOf(letter.Sink);
        var line = JsonSerializer.SerializeToUtf8Bytes(letter, DeliveryJson.Default.DeadLetter);
        using (var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Write([.. line, (byte)'\n']);
            file.Flush(flushToDisk: true);
        }
        // Looked at now and then only: counting every line at every letter would be quadratic.
        if (letter.Position % 64 != 0 && new FileInfo(path).Length <= MostBytes) return 0;
        var all = Read(letter.Sink);
        var keep = all.Count > Most || new FileInfo(path).Length > MostBytes ? all.Skip(Math.Max(all.Count - Most, all.Count / 4)).ToList() : null;
        if (keep is null) return 0;
        Write(letter.Sink, keep);
        return all.Count - keep.Count;
    }

    /// <summary>Takes letters away; those that are there and were taken.</summary>
    public int Remove(string sink, IReadOnlySet<Guid> events)
    {
        using var turn = Turn();
        var all = Read(sink);
        var keep = all.Where(l => !events.Contains(l.EventId)).ToList();
        if (keep.Count == all.Count) return 0;
        Write(sink, keep);
        return all.Count - keep.Count;
    }

    private void Write(string sink, List<DeadLetter> letters)
    {
        if (letters.Count == 0)
        {
            File.Delete(PathOf(sink));
            return;
        }
        using var bytes = new MemoryStream();
        foreach (var letter in letters)
        {
            JsonSerializer.Serialize(bytes, letter, DeliveryJson.Default.DeadLetter);
            bytes.WriteByte((byte)'\n');
        }
        DurableFile.Write(PathOf(sink), bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    // A line that a crash has torn was never counted: its event is given up again.
    private static DeadLetter? TryRead(string line)
    {
        try { return JsonSerializer.Deserialize(line, DeliveryJson.Default.DeadLetter); }
        catch (JsonException) { return null; }
    }

    private string PathOf(string sink) => Path.Combine(paths.Deliveries, sink + Extension);

    private Lease Turn()
    {
        var file = FileLock.Open(Path.Combine(paths.Deliveries, "lock"), create: true) ?? throw new IOException($"{paths.Deliveries} is gone.");
        for (var spin = new SpinWait(); FileLock.TryTake(file) == LockAnswer.Held;) spin.SpinOnce();
        return new(file);
    }

    private sealed class Lease(Microsoft.Win32.SafeHandles.SafeFileHandle file) : IDisposable
    {
        public void Dispose()
        {
            FileLock.Release(file);
            file.Dispose();
        }
    }
}
