using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks of kind sql on a real PostgreSQL.</summary>
[Trait("Program", "both")]
public sealed class SqlCases(PostgresFixture postgres)
{
    [Fact(DisplayName = "S01 rows are results that conditions and other tasks' parameters use")]
    public async Task Rows()
    {
        await using var box = await BoxAsync();
        var flow = box.Workflow("""
            name: rows
            params: {day: {type: date, default: "2026-01-31"}}
            tasks:
              - id: find
                sql:
                  connection: warehouse
                  query: >-
                    select @day::date + n as day, n, n % 2 = 0 as even, array[n] as list, '{"a": null}'::jsonb as doc
                    from generate_series(1, @most) n
                  params: {day: "${{ params.day }}", most: 3}
              - id: use
                depends_on: [find]
                if: "${{ tasks.find.outputs.row_count == 3 && tasks.find.outputs.rows[1].even }}"
                sql:
                  connection: warehouse
                  query: select @rows::jsonb -> 2 ->> 'day' as day, @name as name
                  params: {rows: "${{ tasks.find.outputs.rows }}", name: "x'; drop table y; --"}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.ExitCode.ShouldBe(0, finished.ToString());
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        Outputs(events, "find").GetProperty("rows")[0].GetRawText().ShouldBe("""{"day":"2026-02-01","n":1,"even":false,"list":[1],"doc":{"a":null}}""");
        Outputs(events, "use").GetProperty("rows").GetRawText().ShouldContain("2026-02-03");
    }

    [Fact(DisplayName = "S02 a transaction is all or nothing, and a failure names statement, code and constraint")]
    public async Task AllOrNothing()
    {
        await using var box = await BoxAsync();
        var server = await postgres.ServerAsync();
        await server.PsqlAsync("create table s02 (n int primary key)");
        var flow = box.Workflow("""
            name: both
            tasks:
              - id: load
                retry: {max_attempts: 3, initial_delay: 10ms}
                sql: {connection: warehouse, transaction: ["insert into s02 values (1)", "insert into s02 values (1)"]}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.ExitCode.ShouldBe(1, finished.ToString());
        (await server.PsqlAsync("select count(*) from s02")).ShouldBe("0");
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        var failed = events.Single(e => e.GetProperty("type").GetString() == "task.failed").GetRawText();
        failed.ShouldContain("sql_error");
        failed.ShouldContain("SQLSTATE 23505, statement 2, constraint s02_pkey");
        // Not worth another attempt: it would fail again.
        events.ShouldNotContain(e => e.GetProperty("type").GetString() == "task.retrying");
    }

    [Fact(DisplayName = "S03 a conflict is tried again")]
    public async Task Conflict()
    {
        await using var box = await BoxAsync();
        await (await postgres.ServerAsync()).PsqlAsync("create sequence s03");
        var flow = box.Workflow("""
            name: conflict
            tasks:
              - id: load
                retry: {max_attempts: 3, initial_delay: 10ms}
                sql:
                  connection: warehouse
                  execute: |
                    do $$ begin
                      if nextval('s03') < 3 then raise exception 'conflict' using errcode = '40001'; end if;
                    end $$
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.ExitCode.ShouldBe(0, finished.ToString());
        (await box.EventsAsync(json.GetProperty("run_id").GetString()!)).Count(e => e.GetProperty("type").GetString() == "task.retrying").ShouldBe(2);
    }

    [Fact(DisplayName = "S04 timeout and cancel end the statement on the server")]
    public async Task Stops()
    {
        await using var box = await BoxAsync();
        var server = await postgres.ServerAsync();
        var slow = box.Workflow("name: slow\ntasks: [{id: wait, timeout: 1s, sql: {connection: warehouse, query: select pg_sleep(600) /* s04 timeout */}}]\n");
        var (finished, _) = await box.RunJsonAsync(slow);
        finished.ExitCode.ShouldBe(1, finished.ToString());
        (await server.PsqlAsync(Working("s04 timeout"))).ShouldBe("0");

        var running = box.Start("run", box.Workflow("name: slower\ntasks: [{id: wait, sql: {connection: warehouse, query: select pg_sleep(600) /* s04 cancel */}}]\n", "slower.yaml"));
        await Poll.UntilAsync(async () => await server.PsqlAsync(Working("s04 cancel")) == "1", "the query on the server");
        running.Signal(2);
        (await running.EndAsync()).ExitCode.ShouldBe(3);
        (await server.PsqlAsync(Working("s04 cancel"))).ShouldBe("0");
    }

    [Fact(DisplayName = "S05 a file is one transaction, and rows of any number go to a CSV file of the run")]
    public async Task Files()
    {
        await using var box = await BoxAsync();
        box.Write("sql/load.sql", "create table s05 (n int, t text);\n-- a comment; with a semicolon\ninsert into s05 select n, 'a,b' from generate_series(1, @rows) n;\n");
        var flow = box.Workflow("""
            name: files
            tasks:
              - {id: load, sql: {connection: warehouse, file: sql/load.sql, params: {rows: 25000}}}
              - {id: export, depends_on: [load], sql: {connection: warehouse, query: select * from s05 order by n, csv: s05.csv}}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.ExitCode.ShouldBe(0, finished.ToString());
        var id = json.GetProperty("run_id").GetString()!;
        Outputs(await box.EventsAsync(id), "load").GetRawText().ShouldBe("""{"affected":25000,"statements":2}""");
        var file = Directory.GetFiles(box.Data, "s05.csv", SearchOption.AllDirectories).ShouldHaveSingleItem();
        var lines = await File.ReadAllLinesAsync(file);
        lines.Length.ShouldBe(25001);
        lines[..2].ShouldBe(["n,t", "1,\"a,b\""]);
    }

    [Fact(DisplayName = "S06 passwords of connections appear in no file, event or message")]
    public async Task Secrets()
    {
        await using var box = await BoxAsync();
        var server = await postgres.ServerAsync();
        box.Write("password", PostgresServer.Password + "\n");
        box.Environment["Orchestrator__Connections__split__ConnectionString"] = server.Without("");
        box.Environment["Orchestrator__Connections__split__PasswordFile"] = box.PathOf("password");
        var flow = box.Workflow("""
            name: secrets
            fail_fast: false
            tasks:
              - {id: good, sql: {connection: split, query: select 1 as one}}
              - {id: bad, sql: {connection: warehuose, query: select 1 as one}}
              - {id: say, sql: {connection: split, execute: "do $$ begin raise exception 'password is %', concat('s3cret-of', '-the-tests'); end $$"}}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.ExitCode.ShouldBe(1, finished.ToString());
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        events.ShouldContain(e => e.GetRawText().Contains("Did you mean 'warehouse'?", StringComparison.Ordinal));
        (finished + string.Join('\n', events)).ShouldNotContain(PostgresServer.Password);
        foreach (var file in Directory.GetFiles(box.Data, "*", SearchOption.AllDirectories)) (await File.ReadAllTextAsync(file)).ShouldNotContain(PostgresServer.Password);
    }

    [Fact(DisplayName = "S07 a connection that is set up wrongly stops the program with its key and without its value")]
    public async Task Settings()
    {
        await using var box = await BoxAsync();
        box.Environment["Orchestrator__Connections__other"] = "Host=db;Password=hunter-2-hunter";
        box.Environment["Orchestrator__Connections__both__Env"] = "A";
        box.Environment["Orchestrator__Connections__both__File"] = "hunter-2-hunter";
        var finished = await box.RunAsync("run", box.Workflow("name: f\ntasks: [{id: a, noop: true}]\n"));
        finished.ExitCode.ShouldBe(2, finished.ToString());
        finished.Errors.ShouldContain("Orchestrator:Connections:other");
        finished.Errors.ShouldContain("Orchestrator:Connections:both needs exactly one of ConnectionString, File and Env");
        finished.ToString().ShouldNotContain("hunter");
    }

    [Fact(DisplayName = "S08 a file that is not UTF-8 and a COPY through the client are refused by name before anything runs; a COPY of the server works")]
    public async Task Texts()
    {
        await using var box = await BoxAsync();
        var rows = Path.Combine(Path.GetTempPath(), $"orc-copy-{Guid.NewGuid():N}");   // written by the server, which is another user
        File.WriteAllBytes(box.PathOf("latin1.sql"), [.. "create table s08 (v text);\ninsert into s08 values ('"u8, 0xE9, .. "')"u8]);
        box.Write("copy.sql", "create table s08 (v text);\ncopy s08 from stdin;\n");
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: texts
            fail_fast: false
            tasks:
              - {id: bytes, sql: {connection: warehouse, file: latin1.sql} }
              - {id: copy, sql: {connection: warehouse, file: copy.sql} }
              - {id: out, sql: {connection: warehouse, execute: "copy (select 1) to stdout"} }
              - {id: server, sql: {connection: warehouse, execute: "copy (select 1) to '{{rows}}'"} }
            """));
        finished.Exits(1);
        json.Task("bytes").Text("error")!.ShouldContain("latin1.sql is not UTF-8: the byte at offset 52 (line 2)");
        json.Task("copy").Text("error")!.ShouldContain("COPY (line 2)");
        json.Task("out").Text("error")!.ShouldContain("COPY (line 1)");
        foreach (var id in (string[])["bytes", "copy", "out"]) json.Fate(id).ShouldBe("failed error", id);
        json.Fate("server").ShouldBe("completed");
        File.Delete(rows);
        (await (await postgres.ServerAsync()).PsqlAsync("select count(*) from pg_tables where tablename = 's08'")).ShouldBe("0");
    }

    [Fact(DisplayName = "S09 rows that are secret reach the parameters of a later statement and are kept nowhere")]
    public async Task SecretRows()
    {
        await using var box = await BoxAsync();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            tasks:
              - {id: issue, sql: {connection: warehouse, query: "select 'tok-' || reverse('revlisfoc') as token"}, secret_outputs: [rows]}
              - id: use
                depends_on: [issue]
                sql: {connection: warehouse, query: "select length(@t) as n", params: {t: "${{ tasks.issue.outputs.rows[0].token }}"}}
            """));
        finished.Exits(0);
        json.Output("use", "rows")[0].GetProperty("n").GetInt32().ShouldBe(13);
        json.Output("issue", "row_count").GetInt32().ShouldBe(1);
        (await box.RunAsync("show", json.RunId(), "--json")).ToString().ShouldNotContain("tok-cofsilver");
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories)) File.ReadAllText(file).ShouldNotContain("tok-cofsilver", Case.Sensitive, file);
    }

    private async Task<Sandbox> BoxAsync([System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var server = await postgres.ServerAsync();
        var box = new Sandbox(name);
        box.Environment["WAREHOUSE"] = server.ConnectionString;
        box.Environment["Orchestrator__Connections__warehouse__Env"] = "WAREHOUSE";
        return box;
    }

    private static string Working(string mark) => $"select count(*) from pg_stat_activity where state <> 'idle' and application_name = 'orchestrator' and query like '%/* {mark} */%'";

    private static JsonElement Outputs(List<JsonElement> events, string task) =>
        events.Single(e => e.GetProperty("type").GetString() == "task.completed" && e.GetProperty("task").GetString() == task).GetProperty("data").GetProperty("outputs");
}
