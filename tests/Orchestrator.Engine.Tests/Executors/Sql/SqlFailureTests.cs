using System.Net;
using System.Net.Sockets;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Sql;

public class SqlFailureTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_syntax_error_comes_with_its_code_and_place()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var failed = SqlScene.Failed(await scene.QueryAsync("select *\nform people"));
        failed.Kind.ShouldBe(FailureKind.SqlError);
        failed.Message.ShouldBe("syntax error at or near \"form\" (SQLSTATE 42601, line 2, column 1).");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_retried_is_what_another_attempt_may_mend_or_what_the_task_names()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        (await RetriedAsync("40001")).ShouldBeTrue();
        (await RetriedAsync("40P01")).ShouldBeTrue();
        (await RetriedAsync("53100")).ShouldBeTrue();
        (await RetriedAsync("23505")).ShouldBeFalse();
        (await RetriedAsync("P0001")).ShouldBeFalse();
        (await RetriedAsync("P0001", "P0001")).ShouldBeTrue();
        (await RetriedAsync("23505", "23")).ShouldBeTrue();
        (await RetriedAsync("40001", "23")).ShouldBeFalse();

        async Task<bool> RetriedAsync(string state, params string[] on)
        {
            var failed = SqlScene.Failed(await scene.DoAsync(
                new SqlAction("warehouse") { Execute = $"do $$ begin raise exception 'no' using errcode = '{state}'; end $$" },
                task => task with { Retry = new RetryPolicy { OnSqlState = [.. on] } }));
            failed.SqlState.ShouldBe(state);
            return failed.Retryable;
        }
    }

    [Fact]
    public async Task The_server_keeps_the_statement_timeout()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { Query = "select pg_sleep(60)", StatementTimeout = TimeSpan.FromMilliseconds(50) }));
        failed.SqlState.ShouldBe("57014");
        failed.Message.ShouldContain("statement timeout");
    }

    [Fact]
    public async Task An_unknown_connection_is_told_with_a_guess_and_the_known_ones()
    {
        await using var scene = await SqlScene.OnAsync(postgres, ("archive", new() { ConnectionString = "Host=db" }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehuose") { Query = "select 1" }));
        failed.Message.ShouldBe("This worker has no connection 'warehuose'. Did you mean 'warehouse'? Known: archive, warehouse. Add others under Orchestrator:Connections.");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_it()
    {
        var server = await postgres.ServerAsync();
        await using var scene = await SqlScene.OnAsync(postgres, ("wrong", new() { ConnectionString = server.Without(";Password=hunter-2-hunter") }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("wrong") { Query = "select 1" }));
        failed.Kind.ShouldBe(FailureKind.Error);
        failed.Message.ShouldContain("does not admit connection 'wrong': password authentication failed for user \"orchestrator\" (SQLSTATE 28P01). Check the user name and password");
        failed.Message.ShouldNotContain("hunter");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_database_is_told()
    {
        var server = await postgres.ServerAsync();
        await using var scene = await SqlScene.OnAsync(postgres, ("other", new() { ConnectionString = server.ConnectionString.Replace("Database=postgres", "Database=sales", StringComparison.Ordinal) }));
        SqlScene.Failed(await scene.DoAsync(new SqlAction("other") { Query = "select 1" })).Message.ShouldContain("database \"sales\" does not exist (SQLSTATE 3D000). Check Database");
    }

    [Fact]
    public async Task A_host_without_an_address_is_told_and_may_be_tried_again()
    {
        await using var scene = await SqlScene.OnAsync(postgres, ("away", new() { ConnectionString = "Host=no-such-host.invalid;Username=u" }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("away") { Query = "select 1" }));
        failed.Message.ShouldStartWith("Connection 'away' failed: its host 'no-such-host.invalid' cannot be found by name.");
        failed.Retryable.ShouldBeTrue();
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_and_may_be_tried_again()
    {
        await using var scene = await SqlScene.OnAsync(postgres, ("down", new() { ConnectionString = "Host=127.0.0.1;Port=1;Username=u" }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("down") { Query = "select 1" }));
        failed.Message.ShouldBe("Connection 'down' failed: nothing listens at 127.0.0.1:1. Check Host and Port, and that the server runs.");
        failed.Retryable.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_told()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var scene = await SqlScene.OnAsync(postgres, ("silent", new() { ConnectionString = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=u;Timeout=1" }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("silent") { Query = "select 1" }));
        failed.Message.ShouldContain("does not answer");
        failed.Retryable.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_where_TLS_is_required()
    {
        var server = await postgres.ServerAsync();
        await using var scene = await SqlScene.OnAsync(postgres, ("tls", new() { ConnectionString = server.ConnectionString + ";SSL Mode=Require" }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("tls") { Query = "select 1" }));
        failed.Message.ShouldContain("TLS with 127.0.0.1");
        failed.Retryable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Hots=db;Password=hunter-2-hunter", "'hots' is unknown")]
    [InlineData("Password=hunter-2-hunter", "names no Host")]
    [InlineData("hunter-2-hunter", "unknown keys or values")]
    public async Task A_connection_string_that_cannot_be_read_is_told_without_showing_it(string text, string message)
    {
        await using var scene = await SqlScene.OnAsync(postgres, ("bad", new() { ConnectionString = text }));
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("bad") { Query = "select 1" }));
        failed.Message.ShouldContain(message, Case.Insensitive);
        failed.Message.ShouldNotContain("hunter");
    }

    [Fact]
    public async Task Secrets_are_masked_in_what_the_server_says()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.DoAsync(
            new SqlAction("warehouse") { Execute = "do $$ begin raise exception 'token top-secret-7 is bad'; end $$" }, secrets: ["top-secret-7"]);
        SqlScene.Failed(outcome).Message.ShouldStartWith("token *** is bad (SQLSTATE P0001");
    }

    [Fact]
    public async Task A_connection_comes_from_a_file_a_variable_or_a_password_file()
    {
        var server = await postgres.ServerAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("whole"), server.ConnectionString + "\n");
        await File.WriteAllTextAsync(folder.File("password"), PostgresServer.Password + "\n");
        await using var scene = await SqlScene.OnAsync(
            postgres,
            ("file", new() { File = folder.File("whole") }),
            ("env", new() { Env = "WAREHOUSE_URL" }),
            ("noenv", new() { Env = "NOT_SET" }),
            ("split", new() { ConnectionString = server.Without(""), PasswordFile = folder.File("password") }),
            ("nofile", new() { ConnectionString = server.Without(""), PasswordFile = folder.File("none") }));
        foreach (var name in new[] { "file", "env", "split" })
            SqlScene.Json(await scene.DoAsync(new SqlAction(name) { Query = "select current_setting('application_name') as a" }), "rows").ShouldBe("""[{"a":"orchestrator"}]""");
        SqlScene.Failed(await scene.DoAsync(new SqlAction("noenv") { Query = "select 1" })).Message.ShouldContain("the variable NOT_SET");
        SqlScene.Failed(await scene.DoAsync(new SqlAction("nofile") { Query = "select 1" })).Message.ShouldContain(folder.File("none"));

        // Rotated while the worker runs.
        await File.WriteAllTextAsync(folder.File("whole"), server.ConnectionString + ";Application Name=rotated");
        SqlScene.Json(await scene.DoAsync(new SqlAction("file") { Query = "select current_setting('application_name') as a" }), "rows").ShouldBe("""[{"a":"rotated"}]""");
    }

    [Fact]
    public async Task More_tasks_than_connections_wait_in_line()
    {
        var server = await postgres.ServerAsync();
        await using var scene = await SqlScene.OnAsync(postgres, ("narrow", new() { ConnectionString = server.ConnectionString + ";Maximum Pool Size=2;Timeout=1" }));
        var all = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => scene.DoAsync(new SqlAction("narrow") { Query = "select pg_sleep(0.05)" })));
        all.ShouldAllBe(o => o is TaskOutcome.Succeeded);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("orc-sql-").FullName;

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
