using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Sql;

public class SqlParameterTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Values_are_bound_with_the_types_they_have()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.QueryAsync(
            "select @n + 1 as n, @big as big, @price as price, @yes as yes, @nothing::text as nothing, @name as name, @ids as ids, @names as names, @doc as doc, @mixed as mixed, @n as again",
            new { n = 41, big = 5_000_000_000L, price = 12.34m, yes = true, nothing = (string?)null, name = "x'; drop table people; --", ids = new[] { 1, 2 }, names = new[] { "a", "b,c", null }, doc = new { a = 1 }, mixed = new object[] { 1, "x" } });
        SqlScene.Json(outcome, "rows").ShouldBe(
            """[{"n":42,"big":5000000000,"price":12.34,"yes":true,"nothing":null,"name":"x'; drop table people; --","ids":[1,2],"names":["a","b,c",null],"doc":{"a": 1},"mixed":[1, "x"],"again":41}]""");
    }

    [Fact]
    public async Task A_text_takes_the_type_its_place_needs()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        await scene.ExecuteAsync("create table placed (day date, id uuid, n numeric, at timestamptz)");
        SqlScene.Json(await scene.ExecuteAsync("insert into placed values (@day, @id, @n, @at)", new { day = "2026-01-31", id = "6f1c8a5e-0000-4000-8000-000000000001", n = "1.50", at = "2026-01-31T10:00:00Z" }), "affected").ShouldBe("1");
        SqlScene.Json(await scene.QueryAsync("select n from placed where day = @day and id = any(@ids::uuid[])", new { day = "2026-01-31", ids = new[] { "6f1c8a5e-0000-4000-8000-000000000001" } }), "rows").ShouldBe("""[{"n":1.50}]""");
    }

    [Fact]
    public async Task Expressions_are_values_of_parameters_and_keep_their_types()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Json(await scene.QueryAsync("select @day::date + @n as next", new { day = "${{ params.day }}", n = "${{ 1 + 1 }}" }), "rows").ShouldBe("""[{"next":"2026-02-02"}]""");
    }

    [Fact]
    public async Task An_at_sign_in_quotes_comments_and_operators_is_no_parameter()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var outcome = await scene.QueryAsync("""
            select 'a@x' as q, $$ @x $$ as d, $t$ @x $t$ as t, E'\'@x' as e, "@c" as i, -- @x
              array[1,2] @> array[@n] /* @x /* nested */ @x */ as holds
            from (select 1 as "@c") s
            """, new { n = 2 });
        SqlScene.Json(outcome, "rows").ShouldBe("""[{"q":"a@x","d":" @x ","t":" @x ","e":"'@x","i":1,"holds":true}]""");
    }

    [Fact]
    public async Task A_parameter_without_a_value_is_told_before_anything_is_sent()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var failed = SqlScene.Failed(await scene.QueryAsync("select 1,\n  @regoin", new { region = "eu" }));
        failed.Message.ShouldBe("The parameter @regoin (line 2, column 3) has no value. Did you mean 'region'? Give it one under sql.params, or write '@ ' with a space for the operator.");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_place_without_a_type_is_explained()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.QueryAsync("select jsonb_build_object('a', @x)", new { x = "y" })).Message.ShouldContain("@name::text");
        SqlScene.Json(await scene.QueryAsync("select jsonb_build_object('a', @x::text) as o", new { x = "y" }), "rows").ShouldBe("""[{"o":{"a": "y"}}]""");
    }
}
