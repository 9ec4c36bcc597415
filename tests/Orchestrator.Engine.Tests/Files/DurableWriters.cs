using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Engine.Imports;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.Engine.Tests.Running;
using Shouldly;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>Everything besides the journal that writes for good, each doing the next thing it may be asked for.</summary>
internal sealed class DurableWriters(ForgetfulDisk disk, RunPaths paths)
{
    private const string Sink = "hook";
    private readonly RunId _run = Some.Run();
    private readonly DefinitionStore _definitions = new(paths);
    private readonly LaneFiles _lanes = new(paths.Deliveries());
    private readonly DeadLetterStore _dead = new(paths.Deliveries());
    private readonly RemovedRuns _removed = new(paths);
    private readonly HashSet<Guid> _taken = [];
    private readonly List<Guid> _letters = [];
    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("orc-imports-");
    private FeedLog? _feed;
    private StreamPart? _untold;
    private long _position;
    private int _number;

    /// <summary>One of them does something; thrown at by its disk it may be asked again.</summary>
    public async Task ActAsync(int which)
    {
        switch (which % 9)
        {
            case 0: SaveDefinition(); break;
            case 1: MoveCursor(); break;
            case 2: KeepLetter(); break;
            case 3: Feed(); break;
            case 4: KeepResults(); break;
            case 5: await KeepArtifactAsync(); break;
            case 6: NoteRemoval(); break;
            case 7: ImportLog(); break;
            default: TakeLetters(); break;
        }
    }

    /// <summary>The process ends; what it had open is closed as the system closes it.</summary>
    public void Leave()
    {
        _feed?.Dispose();
        _feed = null;
        _elsewhere.Refresh();
        if (_elsewhere.Exists) _elsewhere.Delete(recursive: true);
    }

    /// <summary>What readers and a next process do with what they find.</summary>
    public static Task RecoverAsync(RunPaths paths)
    {
        using (new FeedLog(paths)) { }
        _ = new LaneFiles(paths.Deliveries()).Read(Sink);
        new DeadLetterStore(paths.Deliveries()).Forget(Sink, behind: long.MaxValue);
        foreach (var file in Directory.EnumerateFiles(paths.Root, "*.json", SearchOption.AllDirectories)) using (JsonDocument.Parse(File.ReadAllBytes(file))) { }
        return Task.CompletedTask;
    }

    private void SaveDefinition()
    {
        var version = _definitions.Save(new() { Name = $"flow-{++_number}", Tasks = [Rig.Task("a")] });
        disk.Acknowledge($"definition {_number}", p => new DefinitionStore(p).Find(version) is not null);
    }

    private void MoveCursor()
    {
        var position = ++_position;
        _lanes.Write(Sink, new() { Position = position, Host = new('h', 200) });
        disk.Acknowledge($"cursor at {position}", p => new LaneFiles(p.Deliveries()).Read(Sink)?.Position >= position);
    }

    private void KeepLetter()
    {
        var id = Guid.NewGuid();
        _dead.Add(new()
        {
            EventId = id, Sink = Sink, Type = "task.failed", At = Some.At, Attempts = 1, Error = "refused", Host = "h", Stream = "node:a", Position = ++_position, Body = new('b', 300),
        });
        _letters.Add(id);
        disk.Acknowledge($"letter {_letters.Count}", p => _taken.Contains(id) || new DeadLetterStore(p.Deliveries()).Read(Sink).Any(l => l.EventId == id));
    }

    private void TakeLetters()
    {
        var id = _letters.Find(l => !_taken.Contains(l));
        if (id == Guid.Empty) return;
        _taken.Add(id);
        _dead.Remove(Sink, new HashSet<Guid> { id }, DeadLetterFate.Discarded);
        disk.Acknowledge("removal of a letter", p => new DeadLetterStore(p.Deliveries()).Read(Sink).All(l => l.EventId != id));
    }

    private void Feed()
    {
        var stream = StreamId.Run(_run);
        _untold ??= new(stream, Some.Events(stream, ++_number * 10, 3));
        _feed ??= new(paths);
        var record = _feed.Append([_untold.Value])[0];
        _untold = null;
        disk.Acknowledge($"position {record.First}", p => FeedLog.Stored(p.Feed).Contains(record));
    }

    private void KeepResults()
    {
        var text = $"{{\"rows\":\"{new string('r', 200 + ++_number)}\"}}";
        var run = Some.Run();
        var path = Path.Combine("outputs", "a.json");
        DurableFolder.Create(disk, Path.Combine(paths.Of(run), "outputs"), RunFolder.RootOf(paths.Of(run)));
        WholeFile.Write(disk, Path.Combine(paths.Of(run), path), Encoding.UTF8.GetBytes(text));
        disk.Acknowledge($"results of {run}", p => RegularFile.TryReadText(Path.Combine(p.Of(run), path)) == text);
    }

    private async Task KeepArtifactAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t/{++_number}.bin");
        var bytes = new byte[150_000];
        Array.Fill(bytes, (byte)_number);
        await ArtifactFile.WriteAsync(disk, ArtifactPath.Resolve(disk, paths.Of(_run), name), new MemoryStream(bytes), bytes.Length, CancellationToken.None);
        disk.Acknowledge($"artifact {name}", p => RegularFile.TryRead(Path.Combine(RunFolder.ArtifactsOf(p.Of(_run)), name)) is { } found && found.AsSpan().SequenceEqual(bytes));
    }

    // The log grows with every import, so each takes the place of the one before it.
    private void ImportLog()
    {
        _elsewhere.Create();
        var source = Path.Combine(_elsewhere.FullName, "log.jsonl");
        File.AppendAllText(source, $$"""{"event":"dag_start","dag_run_id":"{{++_number}}"}{{'\n'}}""");
        var lines = File.ReadAllLines(source).Length;
        var result = new LogImport(new(new(disk, paths.Root)), TimeProvider.System).Import(source, ImportedLogKind.Events, CancellationToken.None);
        result.Lines.ShouldBe(lines);
        disk.Acknowledge($"{lines} imported lines", p => new ImportedLogs(new(p.Disk, p.Root)).Events().Select(e => e.DagRunId).Distinct().Count() >= lines);
    }

    private void NoteRemoval()
    {
        var run = Some.Run();
        _removed.Note([run], Some.At);
        disk.Acknowledge($"note of {run}", p => new RemovedRuns(p).Read().Contains(run));
    }
}
