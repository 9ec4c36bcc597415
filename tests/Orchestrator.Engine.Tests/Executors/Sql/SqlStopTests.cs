using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Sql;

public class SqlStopTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_stop_ends_the_statement_on_the_server()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        using var stop = new CancellationTokenSource();
        var attempt = scene.DoAsync(new SqlAction("warehouse") { Query = "select pg_sleep(600) /* stopped */" }, stop: stop.Token);
        await RunningAsync(scene.Server, "stopped");
        await stop.CancelAsync();
        (await attempt).ShouldBeOfType<TaskOutcome.Cancelled>();
        await EndedAsync(scene.Server, "stopped");
    }

    [Fact]
    public async Task A_stop_between_rows_ends_the_statement_on_the_server()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        using var stop = new CancellationTokenSource();
        var attempt = scene.DoAsync(new SqlAction("warehouse") { Query = "select n, pg_sleep(case when n = 20000 then 600 else 0 end) from generate_series(1, 100000) n /* rows */", Csv = "rows.csv" }, stop: stop.Token);
        await RunningAsync(scene.Server, "rows");
        await stop.CancelAsync();
        (await attempt).ShouldBeOfType<TaskOutcome.Cancelled>();
        await EndedAsync(scene.Server, "rows");
        File.Exists(Path.Combine(scene.RunDirectory, "artifacts/rows.csv")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stopped_transaction_leaves_nothing()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await scene.ExecuteAsync("create table stopped_midway (n int)");
        using var stop = new CancellationTokenSource();
        var attempt = scene.DoAsync(new SqlAction("warehouse") { Transaction = ["insert into stopped_midway values (1)", "select pg_sleep(600) /* midway */"] }, stop: stop.Token);
        await RunningAsync(scene.Server, "midway");
        await stop.CancelAsync();
        (await attempt).ShouldBeOfType<TaskOutcome.Cancelled>();
        (await scene.Server.PsqlAsync("select count(*) from stopped_midway")).ShouldBe("0");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_ended_in_the_middle_is_a_failure_that_says_what_is_not_known(bool isIdempotent)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var mark = "ended_" + isIdempotent;
        var attempt = scene.DoAsync(new SqlAction("warehouse") { Execute = $"select pg_sleep(600) /* {mark} */" }, task => task with { Idempotent = isIdempotent });
        await RunningAsync(scene.Server, mark);
        await scene.Server.PsqlAsync($"select pg_terminate_backend(pid) from pg_stat_activity where query like '%/* {mark} */%' and application_name = 'orchestrator'");
        var failed = SqlScene.Failed(await attempt);
        failed.Kind.ShouldBe(FailureKind.Error);
        failed.SqlState.ShouldBe("57P01");
        failed.Message.ShouldContain("Whether it took effect is not known");
        failed.Retryable.ShouldBe(isIdempotent);
        SqlScene.Json(await scene.QueryAsync("select 1 as x"), "row_count").ShouldBe("1");
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_is_a_lost_connection_and_the_next_attempt_finds_it_again()
    {
        // A server of its own: everybody else's connections would go with it.
        await using var server = await PostgresServer.StartAsync();
        await using var scene = await SqlScene.OnAsync(postgres, ("fragile", new() { ConnectionString = server.ConnectionString }));
        var attempt = scene.DoAsync(new SqlAction("fragile") { Query = "select pg_sleep(600) /* killed */" });
        var pid = await RunningAsync(server, "killed");
        await server.SignalAsync("KILL", pid);
        var failed = SqlScene.Failed(await attempt);
        failed.Kind.ShouldBe(FailureKind.Error);
        failed.Message.ShouldContain("was lost during the statement");
        failed.Retryable.ShouldBeTrue();

        await server.StopAsync();
        SqlScene.Failed(await scene.DoAsync(new SqlAction("fragile") { Query = "select 1" })).Message.ShouldContain("nothing listens");
        await server.ResumeAsync();
        SqlScene.Json(await scene.DoAsync(new SqlAction("fragile") { Query = "select 1 as x" }), "row_count").ShouldBe("1");
    }

    [Fact]
    public async Task The_client_s_span_hangs_below_the_attempt_and_setting_up_makes_none()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => { lock (spans) spans.Add(span); },
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        using var parent = source.StartActivity("attempt load");
        await scene.DoAsync(new SqlAction("warehouse") { Query = "select @secret as x", Parameters = SqlScene.Values(new { secret = "hidden-value" }), StatementTimeout = TimeSpan.FromSeconds(5) });
        Activity[] own;
        lock (spans) own = [.. spans.Where(s => s.Source.Name == "Npgsql" && s.TraceId == parent!.TraceId && s.Kind == ActivityKind.Client && s.TagObjects.Any(t => t.Key is "db.query.text" or "db.statement"))];
        var span = own.ShouldHaveSingleItem();
        span.ParentSpanId.ShouldBe(parent!.SpanId);
        span.TagObjects.ShouldAllBe(t => !Convert.ToString(t.Value, CultureInfo.InvariantCulture)!.Contains("hidden-value", StringComparison.Ordinal));
    }

    /// <summary>
    /// Completes when the server no longer works on the marked statement, which would sleep for ten minutes. The server may learn of the stop a moment after
    /// the attempt has ended: where rows are on their way, what ends the statement is another message than what ends the attempt.
    /// </summary>
    private static async Task EndedAsync(PostgresServer server, string mark) => (await server.PsqlAsync($"""
            do $$ begin
              for i in 1..3000 loop
                exit when not exists (select from pg_stat_activity where state <> 'idle' and query like '%/* {mark} */%' and application_name = 'orchestrator');
                perform pg_sleep(0.01), pg_stat_clear_snapshot();
              end loop;
            end $$;
            select count(*) from pg_stat_activity where state <> 'idle' and query like '%/* {mark} */%' and application_name = 'orchestrator'
            """)).ShouldBe("0");

    /// <summary>Completes when the server works on the marked statement; its process id.</summary>
    private static async Task<int> RunningAsync(PostgresServer server, string mark) =>
        int.Parse(await server.PsqlAsync($"""
            do $$ begin
              for i in 1..3000 loop
                exit when exists (select from pg_stat_activity where wait_event = 'PgSleep' and query like '%/* {mark} */%' and application_name = 'orchestrator');
                perform pg_sleep(0.01), pg_stat_clear_snapshot();
              end loop;
            end $$;
            select pid from pg_stat_activity where state <> 'idle' and query like '%/* {mark} */%' and application_name = 'orchestrator'
            """), CultureInfo.InvariantCulture);
}
