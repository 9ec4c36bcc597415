using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>Small events for journal tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    // Tests of storage own whatever they append to.
    private const long Latest = long.MaxValue;
    private static int _runs;

    public static RunId Run()
    {
        Span<byte> random = stackalloc byte[10];
        BitConverter.TryWriteBytes(random[4..], Interlocked.Increment(ref _runs));
        return RunId.New(At, random);
    }

    public static RecordedEvent[] Events(StreamId stream, long after, int count = 1) =>
        [.. Enumerable.Range(1, count).Select(i => new RecordedEvent(stream, after + i, At.AddSeconds(after + i), new TaskStarted(new($"task-{after + i}"), 1, 3, "noop")))];

    public static RecordedEvent[] Created(StreamId stream) =>
        [new(stream, 1, At, new WorkflowCreated { Workflow = "nightly", DefinitionVersion = new('a', 64) })];

    public static RecordedEvent[] End(StreamId stream, long after) =>
        [new(stream, after + 1, At, new WorkflowCompleted { Total = 0, Completed = 0, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 1, Reason = "done" })];

    public static async Task<List<RecordedEvent>> All(this IRunJournal journal, StreamId stream)
    {
        var events = new List<RecordedEvent>();
        await foreach (var e in journal.ReadAsync(stream, 0, CancellationToken.None)) events.Add(e);
        return events;
    }

    public static async Task<List<JournalEntry>> Everything(this IRunJournal journal, long after = 0)
    {
        var events = new List<JournalEntry>();
        await foreach (var e in journal.ReadAllAsync(after, CancellationToken.None)) events.Add(e);
        return events;
    }

    /// <summary>Keeps the order of all events from here on.</summary>
    public static JsonlRunJournal WithFeed(this JsonlRunJournal journal)
    {
        journal.OpenFeed(TimeProvider.System, NullLogger<EventFeed>.Instance).Start();
        return journal;
    }

    public static ValueTask Commit(this IRunJournal journal, RecordedEvent[] events) =>
        journal.AppendAsync(events[0].Stream, events[0].Seq - 1, Latest, events, AppendDurability.Committed);

    public static ValueTask Write(this IRunJournal journal, RecordedEvent[] events) =>
        journal.AppendAsync(events[0].Stream, events[0].Seq - 1, Latest, events, AppendDurability.Written);
}

/// <summary>A data directory that goes with the test.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("journal-").FullName;

    public string Writer(string name = "w") => System.IO.Path.Combine(Path, "journal", name);

    public string[] Segments(string writer = "w") => Directory.Exists(Writer(writer)) ? [.. Directory.GetFiles(Writer(writer), "*.jsonl").Order(StringComparer.Ordinal)] : [];

    public JsonlJournalOptions Options(string writer = "w") => new() { DataDirectory = Path, Writer = writer };

    public Task<JsonlRunJournal> Open(string writer = "w") => JsonlRunJournal.OpenAsync(Options(writer));

    /// <summary>What a crash at this moment leaves: every file as it is now, without locks.</summary>
    public Folder Copy()
    {
        var copy = new Folder();
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            if (System.IO.Path.GetFileName(file) == "lock") continue;
            var target = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            using var from = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
            using var to = File.Create(target);
            from.CopyTo(to);
        }
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
