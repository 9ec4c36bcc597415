using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Sql;

public class SqlResultTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("1::smallint", "1")]
    [InlineData("9007199254740993::bigint", "9007199254740993")]
    [InlineData("12345678901234567890.123456789::numeric", "12345678901234567890.123456789")]
    [InlineData("'NaN'::numeric", "\"NaN\"")]
    [InlineData("1.5::float8", "1.5")]
    [InlineData("1e300::float8", "1e+300")]
    [InlineData("'-Infinity'::float8", "\"-Infinity\"")]
    [InlineData("true", "true")]
    [InlineData("'a \"b\" ü'::text", "\"a \\\"b\\\" ü\"")]
    [InlineData("NULL::int", "null")]
    [InlineData("'{\"a\": [1, null]}'::jsonb", "{\"a\": [1, null]}")]
    [InlineData("'[1,2]'::json", "[1,2]")]
    [InlineData("'2026-01-31'::date", "\"2026-01-31\"")]
    [InlineData("'2026-01-31 12:00:00.5'::timestamp", "\"2026-01-31T12:00:00.5\"")]
    [InlineData("'2026-01-31 12:00:00.25+02'::timestamptz", "\"2026-01-31T10:00:00.25Z\"")]
    [InlineData("'infinity'::timestamptz", "\"infinity\"")]
    [InlineData("ARRAY[1,NULL,3]", "[1,null,3]")]
    [InlineData("ARRAY['a','b \"c\"','NULL',NULL]", "[\"a\",\"b \\\"c\\\"\",\"NULL\",null]")]
    [InlineData("ARRAY[[1,2],[3,4]]", "[[1,2],[3,4]]")]
    [InlineData("ARRAY[true,false]", "[true,false]")]
    [InlineData("'{}'::text[]", "[]")]
    [InlineData("ARRAY['2026-01-31 12:00+00'::timestamptz]", "[\"2026-01-31T12:00:00Z\"]")]
    [InlineData("'\\x48690a'::bytea", "\"SGkK\"")]
    [InlineData("'6f1c8a5e-0000-4000-8000-000000000001'::uuid", "\"6f1c8a5e-0000-4000-8000-000000000001\"")]
    [InlineData("'1 day'::interval", "\"1 day\"")]
    [InlineData("'10.0.0.0/8'::cidr", "\"10.0.0.0/8\"")]
    [InlineData("'[1,5)'::int4range", "\"[1,5)\"")]
    public async Task Every_type_becomes_the_JSON_one_expects(string expression, string expected)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.QueryAsync($"select {expression} as x");
        SqlScene.Json(outcome, "rows").ShouldBe($"[{{\"x\":{expected}}}]");
        SqlScene.Json(outcome, "row_count").ShouldBe("1");
    }

    [Fact]
    public async Task A_query_without_rows_gives_an_empty_list()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.QueryAsync("select 1 as x where false");
        SqlScene.Json(outcome, "rows").ShouldBe("[]");
        SqlScene.Json(outcome, "row_count").ShouldBe("0");
    }

    [Fact]
    public async Task Types_and_enums_of_the_database_s_own_come_as_text()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await scene.ExecuteAsync("create type mood as enum ('glad', 'sad')");
        // A type that is newer than the worker's first connection is learnt by meeting it.
        SqlScene.Json(await scene.QueryAsync("select array['glad']::mood[] as ms"), "rows").ShouldBe("""[{"ms":"{glad}"}]""");
        var outcome = await scene.QueryAsync("select 'glad'::mood as m, array['sad','glad']::mood[] as ms, row(1,'x') as r");
        SqlScene.Json(outcome, "rows").ShouldBe("""[{"m":"glad","ms":["sad","glad"],"r":"(1,x)"}]""");
    }

    [Fact]
    public async Task Two_columns_of_one_name_are_refused_rather_than_one_lost()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var failed = SqlScene.Failed(await scene.QueryAsync("select 1 as id, 2 as id"));
        failed.Message.ShouldContain("two columns 'id'");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task More_rows_than_max_rows_are_a_failure_that_names_the_remedies()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { Query = "select generate_series(1, 100000000) as n", MaxRows = 10 }));
        failed.Kind.ShouldBe(FailureKind.OutputLimit);
        failed.Message.ShouldContain("more than max_rows (10) rows");
        failed.Retryable.ShouldBeFalse();
        SqlScene.Json(await scene.DoAsync(new SqlAction("warehouse") { Query = "select generate_series(1, 10) as n", MaxRows = 10 }), "row_count").ShouldBe("10");
    }

    [Fact]
    public async Task Rows_larger_than_the_limit_are_a_failure_before_they_fill_the_memory()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.QueryAsync("select repeat('x', 1000) as t from generate_series(1, 5000)")).Kind.ShouldBe(FailureKind.OutputLimit);
        SqlScene.Failed(await scene.QueryAsync("select repeat('x', 100000000) as t")).Kind.ShouldBe(FailureKind.OutputLimit);
    }

    [Fact]
    public async Task Execute_tells_how_many_rows_it_touched_and_statements_that_count_nothing_say_0()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Json(await scene.ExecuteAsync("create table touched (n int)"), "affected").ShouldBe("0");
        SqlScene.Json(await scene.ExecuteAsync("insert into touched select generate_series(1, 7)"), "affected").ShouldBe("7");
        SqlScene.Json(await scene.ExecuteAsync("vacuum touched"), "affected").ShouldBe("0");
    }

    [Fact]
    public async Task Csv_rows_go_to_a_file_of_the_run_in_any_number()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.DoAsync(new SqlAction("warehouse")
        {
            Query = "select 1 as n, 'a,\"b\"' as t, null::text as nothing, '' as empty, '2026-01-31 12:00+00'::timestamptz as at, true as ok, array[1,2] as list union all select 2, E'two\nlines', 'x', 'y', null, false, null",
            Csv = "${{ params.day }}/totals.csv",
            MaxRows = 1,
        });
        SqlScene.Json(outcome, "row_count").ShouldBe("2");
        var file = Path.Combine(scene.RunDirectory, "artifacts/2026-01-31/totals.csv");
        (await File.ReadAllTextAsync(file)).ShouldBe("n,t,nothing,empty,at,ok,list\n1,\"a,\"\"b\"\"\",,\"\",2026-01-31T12:00:00Z,true,\"[1,2]\"\n2,\"two\nlines\",x,y,,false,\n");
        Directory.GetFiles(Path.GetDirectoryName(file)!).ShouldBe([file]);
    }

    [Theory]
    [InlineData("../out.csv")]
    [InlineData("/tmp/out.csv")]
    [InlineData("a//b.csv")]
    public async Task A_csv_file_never_leaves_the_run_s_artifacts(string name)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { Query = "select 1 as n", Csv = name })).Message.ShouldContain("below the run's artifacts");
    }

    [Fact]
    public async Task A_query_that_fails_midway_leaves_no_csv()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { Query = "select 1 / (50000 - n) as x from generate_series(1, 50000) n", Csv = "x.csv" })).SqlState.ShouldBe("22012");
        Directory.GetFiles(Path.Combine(scene.RunDirectory, "artifacts")).ShouldBeEmpty();
    }
}
