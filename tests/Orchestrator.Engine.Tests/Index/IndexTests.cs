using Microsoft.Data.Sqlite;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Index;

/// <summary>The index without a `serve`: made, brought up to date, read, damaged. The journal is a real one in files.</summary>
public sealed class IndexTests : IDisposable
{
    private static readonly RunFilter s_all = new(null, null, 1_000, null);
    private readonly Folder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_each_step_of_random_runs_rows_are_what_the_journal_says()
    {
        var random = new Random(7);
        var waiting = Enumerable.Range(0, 500).Select(seed => new RandomRun(seed)).ToList();
        var told = waiting.ToDictionary(r => r.Id, _ => 0);
        await using var journal = await _folder.Open();
        while (waiting.Count > 0)
        {
            for (var i = 0; i < 400 && waiting.Count > 0; i++)
            {
                var run = waiting[random.Next(waiting.Count)];
                var next = run.Events.Skip(told[run.Id]).Take(random.Next(1, 4)).ToArray();
                told[run.Id] += next.Length;
                if (next.Length > 0) await journal.Commit(next);
                if (told[run.Id] == run.Events.Count) waiting.Remove(run);
            }
            await journal.SettledAsync();
            var listed = await Index().ListAsync(s_all, CancellationToken.None);
            listed.ShouldBe(await new RunArchive(Store).ListAsync(s_all, CancellationToken.None));
            (await DifferencesAsync()).ShouldBeEmpty();
        }
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_filter_selects_what_a_look_at_all_runs_selects()
    {
        await WriteAsync(Enumerable.Range(0, 300));
        var some = (await new RunArchive(Store).ListAsync(s_all, CancellationToken.None))[150].RunId;
        RunFilter[] filters =
        [
            s_all with { Status = RunStatus.Failed }, s_all with { Workflow = "report's \"weekly\"" }, s_all with { Workflow = "nightly", Status = RunStatus.Completed },
            s_all with { Tenant = "acme" }, s_all with { Trigger = TriggerKind.Api }, s_all with { Schedule = "backup/daily" }, s_all with { Before = some },
            s_all with { Since = some.Time, Until = some.Time.AddHours(1) }, s_all with { Labels = [new("team", "o'neil \"x\"")] },
            s_all with { Labels = [new("team", "data"), new("nobody", "has")] }, s_all with { Limit = 3, Tenant = "acme", Status = RunStatus.Failed },
            s_all with { Workflow = "' OR 1=1 --" },
        ];
        foreach (var filter in filters)
            (await Index().ListAsync(filter, CancellationToken.None)).ShouldBe(await new RunArchive(Store).ListAsync(filter, CancellationToken.None), filter.ToString());
    }

    [Fact]
    public async Task Made_anew_it_holds_the_same_as_kept_along_the_way()
    {
        await WriteAsync(Enumerable.Range(0, 60));
        await Index().ListAsync(s_all, CancellationToken.None);
        await WriteAsync(Enumerable.Range(60, 60));
        await Index().ListAsync(s_all, CancellationToken.None);
        var kept = Content();
        var folder = new IndexFolder(Store.State);
        using (folder.TryLock()) (await IndexBuild.RebuildAsync(folder, Store, null, CancellationToken.None)).Written.ShouldBe(120);
        Content().ShouldBe(kept);
        Directory.GetFiles(folder.FullPath, "index.*.db").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Lots_in_any_order_and_more_than_once_lead_to_the_same_rows()
    {
        var runs = Enumerable.Range(0, 80).Select(seed => new RandomRun(seed)).ToList();
        await WriteAsync(Enumerable.Range(0, 80));
        await Index().ListAsync(s_all, CancellationToken.None);
        var expected = Content();
        var random = new Random(3);
        var folder = new IndexFolder(Store.State);
        using var held = folder.TryLock();
        var path = folder.Draft();
        using (var database = IndexDatabase.Create(path, ""))
        {
            using var writer = new IndexWriter(database);
            var rows = runs.SelectMany(run => Enumerable.Range(1, run.Events.Count).Select(seq => (run, seq))).OrderBy(_ => random.Next()).ToList();
            foreach (var lot in rows.Concat(rows.Take(100)).Chunk(37))
                writer.Write([.. lot.Select(l => new RunProjections(Store).Begin(l.run.Id, [.. l.run.Events.Take(l.seq)])!.Take())]);
            database.Finish();
        }
        folder.Publish(path);
        Content().ShouldBe(expected);
    }

    [Fact]
    public async Task Removed_runs_leave_with_all_their_rows()
    {
        await WriteAsync(Enumerable.Range(0, 60));
        await Index().ListAsync(s_all, CancellationToken.None);
        var gone = Store.Runs.ListSettled().Where((_, i) => i % 2 == 0).ToList();
        Store.Removal.Remove(gone).Count.ShouldBe(gone.Count);
        var left = await Index().ListAsync(s_all, CancellationToken.None);
        left.ShouldBe(await new RunArchive(Store).ListAsync(s_all, CancellationToken.None));
        left!.ShouldAllBe(r => !gone.Contains(r.RunId));
        Count("SELECT count(*) FROM (SELECT run_id FROM tasks UNION SELECT run_id FROM attempts UNION SELECT run_id FROM run_labels) WHERE run_id NOT IN (SELECT run_id FROM runs)").ShouldBe(0);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("truncated")]
    [InlineData("missing")]
    [InlineData("directory")]
    [InlineData("older")]
    [InlineData("of another directory")]
    [InlineData("current names nothing")]
    public async Task What_cannot_be_used_is_made_again(string trouble)
    {
        await WriteAsync(Enumerable.Range(0, 20));
        await Index().ListAsync(s_all, CancellationToken.None);
        var path = new IndexFolder(Store.State).Current!;
        switch (trouble)
        {
            case "garbage": File.WriteAllText(path, new string('x', 8192)); break;
            case "truncated": File.WriteAllBytes(path, File.ReadAllBytes(path)[..5000]); break;
            case "missing": File.Delete(path); break;
            case "directory": File.Delete(path); Directory.CreateDirectory(path); break;
            case "older": Execute(path, "UPDATE meta SET value = '0' WHERE key = 'schema'"); break;
            case "of another directory": Execute(path, "UPDATE meta SET value = 'elsewhere' WHERE key = 'journal'"); break;
            default: File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, "current"), "../../etc/passwd\n"); break;
        }
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldBe(await new RunArchive(Store).ListAsync(s_all, CancellationToken.None));
        (await DifferencesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_of_a_newer_version_is_left_alone()
    {
        await WriteAsync(Enumerable.Range(0, 5));
        await Index().ListAsync(s_all, CancellationToken.None);
        var path = new IndexFolder(Store.State).Current!;
        Execute(path, "UPDATE meta SET value = '999' WHERE key = 'schema'");
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldBeNull();
        _said.ShouldHaveSingleItem().ShouldContain("newer version");
        (await Should.ThrowAsync<IndexUnusableException>(() => Index().QueryAsync(_ => "", CancellationToken.None))).IsNewer.ShouldBeTrue();
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public async Task A_row_that_was_changed_is_a_difference()
    {
        await WriteAsync(Enumerable.Range(0, 30));
        await Index().ListAsync(s_all, CancellationToken.None);
        var path = new IndexFolder(Store.State).Current!;
        Execute(path, "UPDATE tasks SET duration_ms = duration_ms + 1 WHERE (run_id, task) = (SELECT run_id, task FROM tasks WHERE duration_ms > 0 LIMIT 1)");
        Execute(path, "UPDATE runs SET workflow = 'other' WHERE run_id = (SELECT min(run_id) FROM runs)");
        Execute(path, "DELETE FROM runs WHERE run_id = (SELECT max(run_id) FROM runs WHERE ended_us IS NOT NULL)");
        var found = await DifferencesAsync(catchUp: false);
        found.ShouldContain(d => d.What.StartsWith("tasks.duration_ms", StringComparison.Ordinal));
        found.ShouldContain(d => d.What == "runs.workflow" && d.Found == "other");
        found.ShouldContain(d => d.What == "last event" && d.Found == "0");
    }

    [Fact]
    public async Task While_another_process_keeps_it_it_is_read_only_when_it_is_complete()
    {
        await WriteAsync(Enumerable.Range(0, 10));
        await Index().ListAsync(s_all, CancellationToken.None);
        using var held = new IndexFolder(Store.State).TryLock();
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldBeNull();   // nobody says that it is complete
        Execute(new IndexFolder(Store.State).Current!, "INSERT INTO meta VALUES ('complete', '1')");
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldNotBeNull();
        await WriteAsync(Enumerable.Range(11, 100).Where(seed => !new RandomRun(seed).HasEnded).Take(1));
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldBeNull();   // a run is missing
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_large_journal_is_not_indexed_for_the_sake_of_a_list()
    {
        await WriteAsync(Enumerable.Range(0, 2_001));
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldBeNull();
        new IndexFolder(Store.State).Current.ShouldBeNull();
        (await Index().QueryAsync(database => RunQueries.List(database, s_all with { Limit = 3_000 }), CancellationToken.None)).Count.ShouldBe(2_001);
        (await Index().ListAsync(s_all, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task Files_are_private()
    {
        await WriteAsync(Enumerable.Range(0, 5));
        await Index().ListAsync(s_all, CancellationToken.None);
        var folder = new IndexFolder(Store.State).FullPath;
        File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.GetFiles(folder)) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    private DataDirectory Store => new(_folder.Path);

    private OfflineIndex Index() => new(Store, TimeProvider.System, _said.Add);

    private async Task WriteAsync(IEnumerable<int> seeds)
    {
        Directory.CreateDirectory(_folder.Path);
        await using var journal = await _folder.Open($"w{Guid.NewGuid():N}");
        foreach (var seed in seeds) await journal.Commit([.. new RandomRun(seed).Events]);
        await journal.SettledAsync();
    }

    private async Task<IReadOnlyList<Orchestrator.Core.Reconciliation.Difference>> DifferencesAsync(bool catchUp = true)
    {
        var store = Store;
        if (catchUp) await new OfflineIndex(store, TimeProvider.System, _said.Add).QueryAsync(_ => "", CancellationToken.None);
        using var database = IndexDatabase.ForReading(new IndexFolder(store.State).Current!);
        var comparing = new IndexReconciliation(store, database, _ => true);
        foreach (var run in store.Runs.ListRunIds()) comparing.Hold(run, await store.Runs.ReadEventsAsync(run));
        comparing.HoldRest();
        comparing.Rows.ShouldBePositive();
        return comparing.Differences;
    }

    // Every row of every table that is made of runs, as text.
    private List<string> Content()
    {
        using var database = IndexDatabase.ForReading(new IndexFolder(Store.State).Current!);
        var rows = new List<string>();
        foreach (var table in (string[])["runs", "tasks", "attempts", "run_labels"])
        {
            using var command = database.Command($"SELECT * FROM {table} ORDER BY 1, 2, 3");
            using var reader = command.ExecuteReader();
            while (reader.Read())
                rows.Add(table + ": " + string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] b ? Convert.ToHexString(b) : reader.GetValue(i).ToString())));
        }
        return rows;
    }

    private long Count(string sql)
    {
        using var database = IndexDatabase.ForReading(new IndexFolder(Store.State).Current!);
        using var command = database.Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
