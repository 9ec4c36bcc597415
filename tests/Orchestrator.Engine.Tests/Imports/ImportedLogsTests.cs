using Orchestrator.Engine.Files;
using Orchestrator.Engine.Imports;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Imports;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ImportedLogsTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orc-imports-");

    public void Dispose() => _folder.Delete(recursive: true);

    private ImportedLogs Logs => new(new(Path.Combine(_folder.FullName, "data")));

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, string.Concat(lines.Select(l => l + "\n")));
        return path;
    }

    private ImportResult Import(string path, ImportedLogKind kind = ImportedLogKind.Events) => new LogImport(Logs, new ManualTimeProvider(s_now)).Import(path, kind, CancellationToken.None);

    private static string Line(string name, string run, int minute, string more = "") => $$"""{"timestamp":"2026-02-01T00:{{minute:00}}:00+00:00","event":"{{name}}","dag_name":"d","dag_run_id":"{{run}}"{{more}}}""";

    [Fact]
    public void A_log_is_kept_whole_for_its_owner_alone()
    {
        var source = Write("log", Line("dag_start", "r", 1), "torn{", Line("dag_done", "r", 2));
        var result = Import(source);
        (result.Outcome, result.Lines, result.Damaged).ShouldBe((ImportOutcome.Imported, 3, 1));
        result.Named.ShouldBe([new(2, "is not JSON")]);
        var log = Logs.List().ShouldHaveSingleItem();
        log.ShouldBe(result.Log);
        (log.Source, log.Bytes, log.Lines, log.Damaged, log.ImportedAt).ShouldBe((source, new FileInfo(source).Length, 3, 1, s_now));
        (log.FirstAt, log.LastAt).ShouldBe((new(2026, 2, 1, 0, 1, 0, TimeSpan.Zero), new(2026, 2, 1, 0, 2, 0, TimeSpan.Zero)));
        var kept = Path.Combine(_folder.FullName, "data", "imported", log.Sha256, "events.jsonl");
        File.ReadAllBytes(kept).ShouldBe(File.ReadAllBytes(source));
        File.GetUnixFileMode(kept).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        log.Sha256.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(source))));
    }

    [Fact]
    public void The_same_again_changes_nothing()
    {
        var source = Write("log", Line("dag_start", "r", 1));
        Import(source);
        var (version, files) = (Logs.Version(), Files());
        Import(Write("copy", Line("dag_start", "r", 1))).Outcome.ShouldBe(ImportOutcome.Unchanged);
        Files().ShouldBe(files);
        Logs.Version().ShouldBe(version);
    }

    [Fact]
    public void A_log_that_has_grown_takes_the_place_of_its_beginning()
    {
        Import(Write("log", Line("dag_start", "r", 1)));
        var version = Logs.Version();
        Import(Write("log", Line("dag_start", "r", 1), Line("dag_done", "r", 2))).Outcome.ShouldBe(ImportOutcome.Extended);
        Logs.List().Count.ShouldBe(1);
        Logs.Events().Count().ShouldBe(2);
        Logs.Version().ShouldNotBe(version);
        Directory.GetDirectories(Path.Combine(_folder.FullName, "data", "imported")).ShouldHaveSingleItem();

        var shorter = Import(Write("older", Line("dag_start", "r", 1)));
        (shorter.Outcome, shorter.Log.Lines, shorter.Lines).ShouldBe((ImportOutcome.Unchanged, 2, 1));
        Import(Write("other", Line("dag_start", "x", 1))).Outcome.ShouldBe(ImportOutcome.Imported);
        Logs.List().Count.ShouldBe(2);
    }

    [Fact]
    public void The_same_content_can_be_both_logs()
    {
        var source = Write("log", Line("dag_start", "r", 1));
        Import(source);
        Import(source, ImportedLogKind.State).Outcome.ShouldBe(ImportOutcome.Imported);
        Logs.List().Select(l => l.Kind).ShouldBe([ImportedLogKind.Events, ImportedLogKind.State]);
        Import(Write("log", Line("dag_start", "r", 1), "{}")).Outcome.ShouldBe(ImportOutcome.Extended);
        Logs.List().Select(l => (l.Kind, l.Lines)).ShouldBe([(ImportedLogKind.Events, 2), (ImportedLogKind.State, 1)], ignoreOrder: true);
    }

    [Fact]
    public void Runs_are_put_together_from_all_logs_in_the_order_of_time()
    {
        // A log that was rotated in the middle of r2, imported in the wrong order, and the scheduler's own.
        Import(Write("new", Line("task_ok", "r2", 12, ",\"task_id\":\"a\""), Line("dag_done", "r2", 13, ",\"tasks_failed\":0,\"duration_seconds\":180"), Line("dag_start", "r3", 14)));
        Import(Write("old", Line("dag_start", "r1", 1), Line("dag_done", "r1", 2, ",\"tasks_failed\":1"), Line("dag_start", "r2", 10), Line("task_start", "r2", 10, ",\"task_id\":\"a\"")));
        Import(Write("state", Line("run_started", "", 9, ",\"run_id\":\"r2\",\"schedule_id\":\"nightly\"")), ImportedLogKind.State);
        Logs.Runs().Select(r => $"{r.Key} {r.Status} {r.ScheduleId} {r.DurationMs} {r.Tasks.Length}").ShouldBe(["r1 Failed  60000 0", "r2 Completed nightly 180000 1", "r3    0"]);
        Logs.Events().Select(e => e.Timestamp).ShouldBeInOrder();
    }

    [Fact]
    public void A_folder_of_an_import_that_was_cut_off_does_not_count()
    {
        var source = Write("log", Line("dag_start", "r", 1));
        var log = Import(source).Log;
        File.Delete(Path.Combine(_folder.FullName, "data", "imported", log.Sha256, "events.json"));
        Logs.List().ShouldBeEmpty();
        Import(source).Outcome.ShouldBe(ImportOutcome.Imported);
        File.WriteAllText(Path.Combine(_folder.FullName, "data", "imported", log.Sha256, "events.json"), "no JSON");
        Logs.List().ShouldBeEmpty();
    }

    [Fact]
    public void What_is_no_regular_file_is_refused()
    {
        Should.Throw<LogImportException>(() => Import(Path.Combine(_folder.FullName, "none"))).IsMissing.ShouldBeTrue();
        Should.Throw<LogImportException>(() => Import(_folder.FullName)).Message.ShouldEndWith("is a folder.");
        Should.Throw<LogImportException>(() => Import("/dev/null")).Message.ShouldEndWith("is not a regular file.");
        Logs.List().ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_data_directory_there_are_none() => new ImportedLogs(new(Path.Combine(_folder.FullName, "nowhere"))).Runs().ShouldBeEmpty();

    private string[] Files() => [.. Directory.EnumerateFiles(Path.Combine(_folder.FullName, "data", "imported"), "*", SearchOption.AllDirectories)
        .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O}").Order(StringComparer.Ordinal)];
}
