using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Core.Serialization;
using Orchestrator.Core.Statistics.Compatibility;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Imports;

/// <summary>
/// Logs of other runners that are kept in the data directory, each in a folder named by its content: a second source of runs beside the journal. Reading takes
/// no lock and changes nothing.
/// </summary>
/// <param name="state">The data directory.</param>
public sealed class ImportedLogs(StateFolder state)
{
    private const string Folder = "imported";
    private const int MaxAboutBytes = 64 << 10;

    /// <summary>The logs, the earliest first, in an order that does not depend on when they were imported.</summary>
    public IReadOnlyList<ImportedLog> List()
    {
        var root = state.In(Folder).FullPath;
        if (!Directory.Exists(root)) return [];
        return
        [
            .. from folder in Directory.EnumerateDirectories(root)
               from kind in Enum.GetValues<ImportedLogKind>()
               let log = Read(folder, kind)
               where log is not null
               orderby log.FirstAt ?? DateTimeOffset.MinValue, log.Kind, log.Sha256
               select log,
        ];
    }

    /// <summary>Changes with every import: what was made from the logs is as they are as long as this is the same.</summary>
    public string Version() =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', List().Select(l => $"{l.Kind} {l.Sha256}")))));

    /// <summary>Every event of these logs in the order of time: a line without a time stands where it is in its file. Damaged lines are left out.</summary>
    /// <exception cref="IOException">A log cannot be read.</exception>
    public IEnumerable<DagLogEvent> Events() => Events(List());

    /// <summary>The runs of all logs. Each is given out when it is over, those without an end last.</summary>
    /// <exception cref="IOException">A log cannot be read.</exception>
    public IEnumerable<ImportedRun> Runs()
    {
        var runs = new ImportedRuns();
        foreach (var e in Events())
            foreach (var run in runs.Add(e)) yield return run;
        foreach (var run in runs.Rest()) yield return run;
    }

    internal static string FileOf(ImportedLogKind kind) => kind == ImportedLogKind.Events ? "events.jsonl" : "state.jsonl";

    internal StateFolder FolderOf(string sha256) => state.In(Folder).In(sha256);

    internal StateFolder Root => state.In(Folder);

    internal string PathOf(ImportedLog log) => FolderOf(log.Sha256).PathOf(FileOf(log.Kind));

    internal string AboutOf(string sha256, ImportedLogKind kind) => FolderOf(sha256).PathOf(AboutOf(kind));

    private static string AboutOf(ImportedLogKind kind) => kind == ImportedLogKind.Events ? "events.json" : "state.json";

    private IEnumerable<DagLogEvent> Events(IReadOnlyList<ImportedLog> logs)
    {
        var next = new PriorityQueue<IEnumerator<DagLogEvent>, (DateTimeOffset At, int Log)>();
        var open = new List<IEnumerator<DagLogEvent>>();
        try
        {
            for (var i = 0; i < logs.Count; i++)
            {
                var events = EventsOf(logs[i]).GetEnumerator();
                open.Add(events);
                if (events.MoveNext()) next.Enqueue(events, (events.Current.Timestamp ?? DateTimeOffset.MinValue, i));
            }
            while (next.TryDequeue(out var events, out var place))
            {
                yield return events.Current;
                if (events.MoveNext()) next.Enqueue(events, (events.Current.Timestamp ?? place.At, place.Log));
            }
        }
        finally
        {
            foreach (var events in open) events.Dispose();
        }
    }

    private IEnumerable<DagLogEvent> EventsOf(ImportedLog log)
    {
        using var file = RegularFile.TryOpen(PathOf(log));
        if (file is null) yield break;
        foreach (var e in DagLogFile.Events(file)) yield return e;
    }

    // A folder without this file is of an import that was cut off: it does not count, and the next import of the same content completes it.
    private static ImportedLog? Read(string folder, ImportedLogKind kind)
    {
        try
        {
            if (RegularFile.TryRead(Path.Combine(folder, AboutOf(kind)), most: MaxAboutBytes) is not { } bytes) return null;
            var json = new Utf8JsonReader(bytes, JsonBounds.Reading);
            var log = JsonSerializer.Deserialize(ref json, ImportJson.Default.ImportedLog);
            return log?.Sha256 == Path.GetFileName(folder) && log.Kind == kind ? log : null;
        }
        catch (JsonException) { return null; }
    }
}
