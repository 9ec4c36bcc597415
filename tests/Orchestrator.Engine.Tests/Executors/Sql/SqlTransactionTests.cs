using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Sql;

public class SqlTransactionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Statements_of_a_transaction_take_effect_together()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.DoAsync(new SqlAction("warehouse")
        {
            Transaction = ["create table together (n int primary key)", "insert into together select generate_series(1, @most)", "update together set n = n + 10 where n > @least;"],
            Parameters = SqlScene.Values(new { most = 5, least = 3 }),
        });
        SqlScene.Json(outcome, "affected").ShouldBe("[0,5,2]");
        SqlScene.Json(await scene.QueryAsync("select sum(n) as s from together"), "rows").ShouldBe("""[{"s":35}]""");
    }

    [Fact]
    public async Task After_a_failure_in_the_middle_nothing_of_a_transaction_is_left()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await scene.ExecuteAsync("create table nothing_left (n int primary key)");
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { Transaction = ["insert into nothing_left values (1)", "insert into nothing_left values (1)", "insert into nothing_left values (2)"] }));
        failed.Kind.ShouldBe(FailureKind.SqlError);
        failed.SqlState.ShouldBe("23505");
        failed.Retryable.ShouldBeFalse();
        failed.Message.ShouldBe("duplicate key value violates unique constraint \"nothing_left_pkey\" (SQLSTATE 23505, statement 2, constraint nothing_left_pkey of nothing_left).");
        SqlScene.Json(await scene.QueryAsync("select count(*) as n from nothing_left"), "rows").ShouldBe("""[{"n":0}]""");
    }

    [Fact]
    public async Task A_file_is_one_transaction_with_whatever_statements_it_holds()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await File.WriteAllTextAsync(Path.Combine(scene.Root, "load.sql"), """
            -- what this file does; and more
            create table filed (n int, t text);
            create function plus(a int) returns int language sql as $$ select a + 1; $$;
            create function minus(a int) returns int begin atomic select 1; select case when a > 0 then a - 1 else 0 end; end;
            do $body$ begin perform 1; end; $body$;
            insert into filed values (plus(@n), 'a;b'), (minus(9), E'it\'s; @n');
            savepoint s; delete from filed; rollback to s;
            update filed set t = t || '!' where n = @n + 1
            """);
        var outcome = await scene.DoAsync(new SqlAction("warehouse") { File = "load.sql", Parameters = SqlScene.Values(new { n = 1 }) });
        SqlScene.Json(outcome, "statements").ShouldBe("9");
        SqlScene.Json(await scene.QueryAsync("select * from filed order by n"), "rows").ShouldBe("""[{"n":2,"t":"a;b!"},{"n":8,"t":"it's; @n"}]""");
    }

    [Fact]
    public async Task A_failure_in_a_file_names_its_line_and_column_and_undoes_all()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await File.WriteAllTextAsync(Path.Combine(scene.Root, "broken.sql"), "create table undone (n int);\n\n-- ünïcödé 🙂\ninsert into undone\n  values (@n), ('🙂' || missing);\n");
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { File = "broken.sql", Parameters = SqlScene.Values(new { n = 123456 }) }));
        failed.SqlState.ShouldBe("42703");
        failed.Message.ShouldStartWith("column \"missing\" does not exist (SQLSTATE 42703, statement 2, line 5, column 25 of broken.sql).");
        SqlScene.Json(await scene.QueryAsync("select to_regclass('undone') as t"), "rows").ShouldBe("""[{"t":null}]""");
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("BEGIN")]
    [InlineData("rollback")]
    [InlineData("start transaction")]
    public async Task A_statement_that_would_end_the_transaction_is_refused(string control)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { Transaction = ["select 1", control] }));
        failed.Message.ShouldContain("is not allowed here");
        failed.Kind.ShouldBe(FailureKind.Error);
    }

    [Theory]
    [InlineData("select 1; select 2", "sql.query holds 2 statements and takes one. Put several under sql.transaction or in a file.")]
    [InlineData(" -- nothing\n;", "sql.query holds no statement.")]
    public async Task A_query_is_one_statement(string query, string message)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.QueryAsync(query)).Message.ShouldBe(message);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { File = "none.sql" })).Message.ShouldContain(Path.Combine(scene.Root, "none.sql"));
    }

    [Fact]
    public async Task Settings_locks_and_temporary_tables_end_with_the_attempt()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await scene.QueryAsync("select pg_advisory_lock(4711)");
        await scene.ExecuteAsync("create temporary table scratch (n int)");
        (await scene.Server.PsqlAsync("select pg_try_advisory_lock(4711)")).ShouldBe("t");
        SqlScene.Json(await scene.QueryAsync("select to_regclass('scratch') as t, current_setting('statement_timeout') as s"), "rows").ShouldBe("""[{"t":null,"s":"0"}]""");
    }
}
